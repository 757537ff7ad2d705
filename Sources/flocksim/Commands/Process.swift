import Foundation

/// The host's own name.
let hostName: String = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
    guard let start = buffer.baseAddress, gethostname(start, buffer.count - 1) == 0 else { return "localhost" }
    buffer[buffer.count - 1] = 0
    return String(cString: start)
}

/// Runs `body` until it returns, or until SIGTERM or SIGINT asks the process to stop; then its task is cancelled.
///
/// No signal is lost from the moment at which `body` begins: whoever is told then that the program is ready may stop it.
func untilSignalled(_ body: @escaping @Sendable () async -> Void) async {
    let (signals, arrived) = AsyncStream<Void>.makeStream()
    let sources = [SIGTERM, SIGINT].map { number in
        // Otherwise the signal would end the process before the source sees it.
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { arrived.yield() }
        return source
    }
    for source in sources {
        await withCheckedContinuation { registered in
            source.setRegistrationHandler { registered.resume() }
            source.resume()
        }
    }
    defer { sources.forEach { $0.cancel() } }
    await withTaskGroup(of: Void.self) { tasks in
        tasks.addTask { await body() }
        tasks.addTask { for await _ in signals { return } }
        await tasks.next()
        tasks.cancelAll()
    }
}
