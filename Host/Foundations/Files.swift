public import Glibc

/// The one place that calls the file system and owns errno.
public enum Files {
    /// What the file system refused, and its errno.
    public struct Failure: Error, Sendable, Equatable {
        public let call: String
        public let path: String
        public let errno: Int32

        public init(call: String, path: String, errno: Int32) {
            self.call = call
            self.path = path
            self.errno = errno
        }

        public var reason: String { String(cString: strerror(errno)) }

        /// As a user meets it.
        public var asError: SluiceError { SluiceError(.fileFailed, "\(call) \(path): \(reason).") }
    }

    /// Repeats a system call while a signal interrupts it.
    public static func retrying(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || Glibc.errno != EINTR { return result }
        }
    }

    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    public static func isDirectory(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// All of a file, up to `limit` bytes; a longer one is a failure (EFBIG).
    public static func read(_ path: String, limit: Int = 1 << 30) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(call: "open", path: path, errno: Glibc.errno) }
        defer { close(descriptor) }
        return try readAll(descriptor, path: path, limit: limit)
    }

    /// As `read`, of a regular file that is no link itself: a link is a failure (ELOOP), anything else too (EINVAL).
    ///
    /// What is returned is one file's bytes, whatever is put in its place meanwhile.
    public static func readPlain(_ path: String, limit: Int = 1 << 30) throws(Failure) -> [UInt8] {
        // Non-blocking: a named pipe must be refused, not waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw Failure(call: "open", path: path, errno: Glibc.errno) }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else {
            throw Failure(call: "stat", path: path, errno: Glibc.errno)
        }
        guard information.st_mode & S_IFMT == S_IFREG else { throw Failure(call: "read", path: path, errno: EINVAL) }
        return try readAll(descriptor, path: path, limit: limit)
    }

    /// As `read`, from a descriptor at its beginning; the caller closes it. `path` is for messages alone.
    public static func readAll(_ descriptor: Int32, path: String, limit: Int = 1 << 30) throws(Failure) -> [UInt8] {
        var information = stat()
        guard fstat(descriptor, &information) == 0 else {
            throw Failure(call: "stat", path: path, errno: Glibc.errno)
        }
        guard information.st_mode & S_IFMT != S_IFDIR else { throw Failure(call: "read", path: path, errno: EISDIR) }
        // Up to the size it has now; what grew meanwhile is read behind it.
        var out = [UInt8](repeating: 0, count: min(limit, Int(information.st_size)) + 1)
        var count = 0
        while true {
            // By doubling, from little: files of /proc have no size and are short.
            if count == out.count { out.append(contentsOf: repeatElement(0, count: max(4096, count))) }
            let room = out.count - count
            let got = out.withUnsafeMutableBytes { bytes in
                // There is room, so there is a base address.
                retrying { Glibc.read(descriptor, bytes.baseAddress.map { $0 + count }, room) }
            }
            guard got >= 0 else { throw Failure(call: "read", path: path, errno: Glibc.errno) }
            if got == 0 {
                out.removeSubrange(count...)
                return out
            }
            count += got
            guard count <= limit else { throw Failure(call: "read", path: path, errno: EFBIG) }
        }
    }

    /// The first bytes of a file, at most `count`; nil when it cannot be read.
    public static func head(_ path: String, count: Int) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        let got = retrying { Glibc.read(descriptor, &bytes, count) }
        return got < 0 ? nil : Array(bytes.prefix(got))
    }

    /// Writes a file so that readers see all of it or nothing: temporary file, fsync, rename, fsync of the folder.
    public static func writeAtomically(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws(Failure) {
        // Exclusive, so that two threads never write into one temporary file and no link is followed.
        var attempt = 0
        var temporary: String
        var descriptor: Int32
        repeat {
            temporary = "\(path).\(getpid()).\(attempt).tmp"
            descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
            attempt += 1
        } while descriptor < 0 && Glibc.errno == EEXIST && attempt < 1000
        guard descriptor >= 0 else { throw Failure(call: "create", path: temporary, errno: Glibc.errno) }
        do throws(Failure) {
            try writeAll(bytes, to: descriptor, path: temporary)
            guard fsync(descriptor) == 0 else { throw Failure(call: "fsync", path: temporary, errno: Glibc.errno) }
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
        close(descriptor)
        guard rename(temporary, path) == 0 else {
            let number = Glibc.errno
            unlink(temporary)
            throw Failure(call: "rename", path: path, errno: number)
        }
        try synchronise(folder: folder(of: path))
    }

    /// Writes all bytes to a descriptor.
    public static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(Failure) {
        var done = 0
        while done < bytes.count {
            let wrote = bytes.withUnsafeBytes { buffer in
                // `done` is below the count, so the buffer has a base address.
                retrying { Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done) }
            }
            guard wrote > 0 else { throw Failure(call: "write", path: path, errno: Glibc.errno) }
            done += wrote
        }
    }

    /// Makes a folder and those above it; one that exists is fine.
    public static func makeFolder(_ path: String, mode: mode_t = 0o700) throws(Failure) {
        if isDirectory(path) { return }
        let parent = folder(of: path)
        if parent != path { try makeFolder(parent, mode: mode) }
        guard mkdir(path, mode) == 0 || Glibc.errno == EEXIST else {
            throw Failure(call: "mkdir", path: path, errno: Glibc.errno)
        }
    }

    /// The names in a folder, sorted, without `.` and `..`.
    public static func list(_ path: String) throws(Failure) -> [String] {
        guard let handle = opendir(path) else { throw Failure(call: "list", path: path, errno: Glibc.errno) }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The folder part of a path; `.` when it has none.
    public static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The part behind the last slash.
    public static func name(of path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? path
    }

    /// The path with links resolved, or nil when it does not exist.
    public static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    /// As `resolved`; of a file that is gone, where it was. nil when its folder is gone, too.
    public static func place(of path: String) -> String? {
        if let real = resolved(path) { return real }
        guard let folder = resolved(folder(of: path)) else { return nil }
        return folder == "/" ? "/" + name(of: path) : folder + "/" + name(of: path)
    }

    /// Makes the entries of a folder durable.
    public static func synchronise(folder: String) throws(Failure) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(call: "open", path: folder, errno: Glibc.errno) }
        defer { close(descriptor) }
        // Some file systems cannot synchronise a folder (EINVAL); the rename stands all the same.
        guard fsync(descriptor) == 0 || Glibc.errno == EINVAL else {
            throw Failure(call: "fsync", path: folder, errno: Glibc.errno)
        }
    }
}
