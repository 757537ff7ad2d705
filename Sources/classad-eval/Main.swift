@main struct ClassadevalCommand {
    static func main() {}
}
