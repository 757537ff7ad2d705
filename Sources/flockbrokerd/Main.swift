@main struct FlockbrokerdCommand {
    static func main() {}
}
