import Glibc

/// How many files and connections the process may have open.
enum OpenFiles {
    /// Raises the limit to what the system allows: every node of an annex keeps connections open.
    ///
    /// The usual limit of 1024 is there for programs that use `select`, which we do not.
    static func raiseLimit() {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        // Without the raise the broker serves as many as it may.
        _ = setrlimit(resource, &limit)
    }
}
