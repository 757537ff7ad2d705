import Glibc
import Synchronization

/// Keeps a second broker off the state directory; the kernel lets go of it when the process ends, however that happens.
final class DirectoryLock: Sendable {
    private let descriptor: Mutex<Int32?>

    fileprivate init(descriptor: Int32) { self.descriptor = Mutex(descriptor) }

    deinit { release() }

    /// Lets go of the folder; a second call does nothing.
    func release() {
        let held = descriptor.withLock { held in
            defer { held = nil }
            return held
        }
        if let held { close(held) }
    }
}

extension StateDirectory {
    /// Takes the folder for this process.
    ///
    /// - Throws: ``StoreError`` of kind `.directory` if another process has it.
    func lock() throws(StoreError) -> DirectoryLock {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw StoreError(.directory, "\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw StoreError(.directory, "\(path) is in use by another broker")
        }
        return DirectoryLock(descriptor: descriptor)
    }
}
