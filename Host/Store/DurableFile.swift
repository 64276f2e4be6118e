internal import Foundations
internal import Glibc

/// Files that survive a crash, and locks that do not.
enum DurableFile {
    /// Writes a file whole or not at all: temporary name of its own, fsync, rename, fsync of the folder.
    ///
    /// Unlike `Files.writeAtomically`, two threads of one process may write the same path at once. While it is written
    /// the temporary file is locked, which tells it from one that a crash left behind; see `removeLeftOver`.
    static func write(
        _ bytes: [UInt8], to path: String, context: Context, step: Failpoint.Step
    ) throws(SluiceError) {
        try reach(step, .before, "create", path)
        let (temporary, descriptor) = try makeTemporary(beside: path, context: context)
        // Until the file has its name: the lock goes with the descriptor.
        defer { close(descriptor) }
        do throws(SluiceError) {
            try Files.mapping { () throws(Files.Failure) in
                try Files.writeAll(bytes, to: descriptor, path: temporary)
            }
            guard fsync(descriptor) == 0 else { throw failure("fsync", temporary) }
            try reach(step, .middle, "write", temporary)
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let error = failure("rename", path)
            unlink(temporary)
            throw error
        }
        try synchronise(folder: Files.folder(of: path))
        try reach(step, .after, "fsync", path)
    }

    /// A new file that this process holds locked.
    private static func makeTemporary(
        beside path: String, context: Context
    ) throws(SluiceError) -> (path: String, descriptor: Int32) {
        while true {
            let temporary = "\(path).\(Hex.encode(context.random(8))).tmp"
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw failure("create", temporary) }
            var information = stat()
            if Files.retrying({ Int(flock(descriptor, LOCK_EX | LOCK_NB)) }) == 0,
                fstat(descriptor, &information) == 0
            {
                if information.st_nlink > 0 { return (temporary, descriptor) }
            } else if errno != EWOULDBLOCK {
                let error = failure("lock", temporary)
                close(descriptor)
                unlink(temporary)
                throw error
            }
            // Between open and lock it looked like one that was left behind, and somebody removes it as such.
            unlink(temporary)
            close(descriptor)
        }
    }

    /// Removes a temporary file unless somebody writes it now; says whether it did.
    ///
    /// - Parameter dryRun: look only.
    static func removeLeftOver(_ temporary: String, dryRun: Bool) throws(SluiceError) -> Bool {
        let descriptor = open(temporary, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            // Its writer was quicker.
            guard errno == ENOENT else { throw failure("open", temporary) }
            return false
        }
        defer { close(descriptor) }
        guard Files.retrying({ Int(flock(descriptor, LOCK_EX | LOCK_NB)) }) == 0 else {
            guard errno == EWOULDBLOCK else { throw failure("lock", temporary) }
            return false
        }
        if dryRun { return true }
        guard unlink(temporary) == 0 else {
            // What was locked here has been given its name meanwhile.
            guard errno == ENOENT else { throw failure("delete", temporary) }
            return false
        }
        return true
    }

    private static func reach(
        _ step: Failpoint.Step, _ place: Failpoint.Place, _ call: String, _ path: String
    ) throws(SluiceError) {
        guard let number = Failpoint.hit(step, place) else { return }
        errno = number
        throw failure(call, path)
    }

    /// Makes a folder that only its owner may enter; one that exists is fine. Its entry is durable in either case: who
    /// made it may have died before that.
    static func makeFolder(_ path: String) throws(SluiceError) {
        if Files.isDirectory(path) {
            let parent = Files.folder(of: path)
            // One that may be passed through and not read was not made by this program.
            if access(parent, R_OK) == 0 { try synchronise(folder: parent) }
            return
        }
        try Files.mapping { () throws(Files.Failure) in try Files.makeFolder(path, mode: 0o700) }
        try synchronise(folder: Files.folder(of: path))
    }

    static func synchronise(folder: String) throws(SluiceError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", folder) }
        defer { close(descriptor) }
        // Some file systems cannot synchronise a folder (EINVAL); the rename stands all the same.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure("fsync", folder) }
    }

    /// The error of the call that just failed; reads errno.
    static func failure(_ call: String, _ path: String) -> SluiceError {
        SluiceError(.fileFailed, "\(call) \(path): \(String(cString: strerror(errno))).")
    }

    /// Runs `body` while this thread alone, of all threads and processes, holds the lock file; waits so long for it.
    ///
    /// The kernel drops the lock when the process dies. The file stays: to delete it would let two hold it. A process
    /// that sleeps keeps it, so nobody waits without end.
    ///
    /// - Throws: `store.failed` when another one holds it all the time.
    static func locked<R>(
        _ path: String, milliseconds: Int, _ body: () throws(SluiceError) -> R
    ) throws(SluiceError) -> R {
        if let result = try lockedUnlessHeld(path, milliseconds: milliseconds, body) { return result }
        throw held(path, milliseconds: milliseconds)
    }

    /// What is thrown for a lock that another process kept for so long.
    static func held(_ path: String, milliseconds: Int) -> SluiceError {
        let waited = milliseconds < 1000 ? "\(milliseconds) ms" : "\(milliseconds / 1000) s"
        return SluiceError(
            .storeFailed, "Another process held \(path) for \(waited): it works for long, or sleeps.",
            hint: "Find it with `fuser \(path)`; wait for it, wake it (`kill -CONT`) or end it. Then try again.")
    }

    /// As `locked`, but nil when another one holds it for so long.
    static func lockedUnlessHeld<R>(
        _ path: String, milliseconds: Int, _ body: () throws(SluiceError) -> R
    ) throws(SluiceError) -> R? {
        let descriptor = try openLock(path)
        defer { close(descriptor) }
        var left = milliseconds
        var pause = 1
        while true {
            if Files.retrying({ Int(flock(descriptor, LOCK_EX | LOCK_NB)) }) == 0 { return try body() }
            guard errno == EWOULDBLOCK else { throw failure("lock", path) }
            guard left > 0 else { return nil }
            _ = poll(nil, 0, Int32(min(pause, left)))
            left -= min(pause, left)
            pause = min(2 * pause, 20)
        }
    }

    /// Whether somebody holds the lock. Takes it shared for a moment; `lockedUnlessHeld` tries more than once for that.
    static func isHeld(_ path: String) throws(SluiceError) -> Bool {
        guard Files.exists(path) else { return false }
        let descriptor = try openLock(path)
        defer { close(descriptor) }
        if Files.retrying({ Int(flock(descriptor, LOCK_SH | LOCK_NB)) }) == 0 { return false }
        guard errno == EWOULDBLOCK else { throw failure("lock", path) }
        return true
    }

    private static func openLock(_ path: String) throws(SluiceError) -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("open", path) }
        return descriptor
    }
}

extension Files {
    /// The bytes of a small file, or nil when there is none. Whatever else keeps it from being read is an error: what
    /// cannot be looked at must not pass for absent.
    static func readIfThere(_ path: String, limit: Int) throws(SluiceError) -> [UInt8]? {
        guard try isThere(path) else { return nil }
        return try mapping { () throws(Files.Failure) in try read(path, limit: limit) }
    }

    /// Whether there is such a file, folder or link. Throws for what cannot be told, such as EACCES and ENOTDIR.
    static func isThere(_ path: String) throws(SluiceError) -> Bool {
        var information = stat()
        if lstat(path, &information) == 0 { return true }
        guard errno == ENOENT else { throw DurableFile.failure("stat", path) }
        return false
    }

    /// A call of the file system with its failure as a user meets it.
    static func mapping<R>(_ body: () throws(Files.Failure) -> R) throws(SluiceError) -> R {
        do { return try body() } catch { throw error.asError }
    }
}
