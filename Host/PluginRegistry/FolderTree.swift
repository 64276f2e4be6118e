internal import CSystem
internal import Foundations
internal import Glibc

/// Folders that appear whole, and disappear without following a link.
enum FolderTree {
    /// One file of a folder to be: its path below it, and its bytes.
    struct File {
        let path: String
        let bytes: [UInt8]
    }

    /// Writes files into a new folder and makes all of it durable.
    ///
    /// - Throws: the first failure; what is there then is for the caller to remove.
    static func write(_ files: [File], to folder: String, mode: mode_t) throws(Files.Failure) {
        var folders: [String] = [folder]
        for file in files {
            let path = folder + "/" + file.path
            let parent = Files.folder(of: path)
            if !folders.contains(parent) {
                try Files.makeFolder(parent, mode: mode | (mode & 0o444) >> 2)
                folders.append(parent)
            }
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
            guard descriptor >= 0 else { throw Files.Failure(call: "create", path: path, errno: errno) }
            defer { close(descriptor) }
            try Files.writeAll(file.bytes, to: descriptor, path: path)
            guard fsync(descriptor) == 0 else { throw Files.Failure(call: "fsync", path: path, errno: errno) }
        }
        for folder in folders.reversed() { try Files.synchronise(folder: folder) }
    }

    /// Gives a folder its name in one step; what had the name before is removed afterwards.
    static func place(_ folder: String, at path: String) throws(Files.Failure) {
        if rename(folder, path) == 0 { return try Files.synchronise(folder: Files.folder(of: path)) }
        guard errno == ENOTEMPTY || errno == EEXIST else {
            throw Files.Failure(call: "rename", path: path, errno: errno)
        }
        guard csystem_exchange(folder, path) == 0 else {
            throw Files.Failure(call: "rename", path: path, errno: errno)
        }
        try Files.synchronise(folder: Files.folder(of: path))
        remove(folder)
    }

    /// Removes a folder and what is in it, as far as it can be; links are removed, not followed.
    static func remove(_ path: String) {
        var information = stat()
        guard lstat(path, &information) == 0 else { return }
        guard information.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        for name in (try? Files.list(path)) ?? [] { remove(path + "/" + name) }
        rmdir(path)
    }

    /// Every regular file below a folder, by its path relative to it, sorted; nothing when there is no such folder.
    ///
    /// - Throws: a link or another thing that is no file (EINVAL, ELOOP), too many files or bytes (EFBIG).
    static func read(
        _ folder: String, files mostFiles: Int, bytes mostBytes: Int
    ) throws(Files.Failure) -> [File] {
        guard isFolder(folder) else {
            var information = stat()
            if lstat(folder, &information) != 0, errno == ENOENT { return [] }
            throw Files.Failure(call: "read", path: folder, errno: ENOTDIR)
        }
        var found: [File] = []
        var left = mostBytes
        var waiting = [""]
        while let inner = waiting.popLast() {
            for name in try Files.list(folder + "/" + inner) {
                let path = inner + name
                guard found.count + waiting.count < mostFiles else {
                    throw Files.Failure(call: "read", path: folder, errno: EFBIG)
                }
                if isFolder(folder + "/" + path) {
                    waiting.append(path + "/")
                } else {
                    let bytes = try Files.readPlain(folder + "/" + path, limit: left)
                    left -= bytes.count
                    found.append(File(path: path, bytes: bytes))
                }
            }
        }
        return found.sorted { $0.path < $1.path }
    }

    /// Whether it is a folder itself, not a link to one.
    private static func isFolder(_ path: String) -> Bool {
        var information = stat()
        return lstat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }
}
