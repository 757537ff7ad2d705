/// The table of settings as a page of the manual, in Markdown.
package func settingsReference() -> String {
    var lines = [
        "# Settings",
        "",
        "Every setting of `flockbrokerd`, as `flockbroker config reference` prints them. They stand in the files named",
        "with `--config`, in the environment as `_CONDOR_NAME`, or on the command line as `--set NAME=VALUE`; later",
        "ones win. A change takes effect when the daemon is restarted.",
        "",
        "| Setting | Type | Default | Accepted | Meaning |",
        "|---|---|---|---|---|",
    ]
    for setting in Settings.all where !setting.isForTests {
        let type = setting.typeName + (setting.unit.map { " (\($0))" } ?? "")
        var defaultText = setting.defaultText.isEmpty ? "empty" : "`\(setting.defaultText)`"
        if let inherited = setting.inheritedName { defaultText = "`$(\(inherited))`" }
        if let note = setting.defaultNote { defaultText = note }
        let columns = ["`\(setting.name)`", type, defaultText, setting.range ?? "any", setting.sentence]
        lines.append("| " + columns.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n") + "\n"
}
