@main struct FlocksimCommand {
    static func main() {}
}
