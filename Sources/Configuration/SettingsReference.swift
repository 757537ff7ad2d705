/// The table of settings as a page of the manual, in Markdown.
package func settingsReference() -> String {
    var lines = [
        "| Setting | Type | Default | Accepted | Change takes effect | Meaning |",
        "|---|---|---|---|---|---|",
    ]
    for setting in Settings.all where !setting.isForTests {
        let type = setting.typeName + (setting.unit.map { " (\($0))" } ?? "")
        let effect = setting.isReloadable ? "on reload" : "on restart"
        var defaultText = setting.defaultText.isEmpty ? "empty" : "`\(setting.defaultText)`"
        if let inherited = setting.inheritedName {
            defaultText = "`$(\(inherited))`"
        }
        let columns = ["`\(setting.name)`", type, defaultText, setting.range ?? "any", effect, setting.sentence]
        lines.append("| " + columns.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n") + "\n"
}
