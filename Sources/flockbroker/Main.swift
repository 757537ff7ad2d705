@main struct FlockbrokerCommand {
    static func main() {}
}
