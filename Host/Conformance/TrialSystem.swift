internal import Foundations
internal import Glibc

/// A folder for temporary files; removed with all that is in it when it is dropped.
final class TrialFolder {
    let path: String

    init() throws(SluiceError) {
        var pattern = Array((getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp").utf8CString.dropLast())
        pattern += Array("/sluice-conformance-XXXXXX".utf8CString)
        guard mkdtemp(&pattern) != nil else {
            throw SluiceError(
                .fileFailed, "There is no room for temporary files: \(String(cString: strerror(errno))).",
                hint: "Make room, or let TMPDIR name another folder.")
        }
        path = String(decoding: pattern.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    /// Follows no link: what unlink refuses is a folder.
    private static func remove(_ folder: String) {
        for name in (try? Files.list(folder)) ?? [] {
            let path = "\(folder)/\(name)"
            if unlink(path) != 0, errno == EISDIR { remove(path) }
        }
        rmdir(folder)
    }
}

/// A file whose bytes change in place, as of a program that rewrites what is being read.
final class ChangingFile {
    let path: String
    private let descriptor: Int32

    init(_ bytes: [UInt8]) throws(SluiceError) {
        var pattern = Array((getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp").utf8CString.dropLast())
        pattern += Array("/sluice-conformance-XXXXXX".utf8CString)
        descriptor = mkstemp(&pattern)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        path = String(decoding: pattern.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard descriptor >= 0 else {
            throw SluiceError(.fileFailed, "There is no room for a source: \(String(cString: strerror(errno))).")
        }
        try write(bytes)
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    func replace(with bytes: [UInt8]) throws(SluiceError) {
        lseek(descriptor, 0, SEEK_SET)
        guard ftruncate(descriptor, 0) == 0 else {
            throw SluiceError(.fileFailed, "A source cannot be cut: \(String(cString: strerror(errno))).")
        }
        try write(bytes)
    }

    private func write(_ bytes: [UInt8]) throws(SluiceError) {
        do { try Files.writeAll(bytes, to: descriptor, path: "a source") } catch { throw error.asError }
    }
}

/// What the processes of a plugin hold of their own, without files that they map.
struct ProcessMemory {
    /// The runner, and those that it made for namespaces; they make no more later.
    private let processes: [Int32]

    /// - Parameter runner: it leads a process group of its own.
    init(ofRunner runner: Int32) {
        let all = ((try? Files.list("/proc")) ?? []).compactMap { Int32($0) }
        processes = all.filter { getpgid($0) == runner }
    }

    /// Bytes of anonymous memory; nil when the machine does not say.
    var anonymous: Int? {
        let sizes = processes.compactMap(Self.anonymous)
        return sizes.isEmpty ? nil : sizes.reduce(0, +)
    }

    private static func anonymous(of process: Int32) -> Int? {
        guard let bytes = try? Files.read("/proc/\(process)/status", limit: 1 << 16) else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("RssAnon:") {
            return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }.map { $0 << 10 }
        }
        return nil
    }

    /// As `anonymous`, once it has stopped growing: three looks alike, or half a second.
    func settled() -> Int {
        var last = -1
        var alike = 0
        for _ in 0..<100 where alike < 3 {
            let now = anonymous ?? 0
            alike = now == last ? alike + 1 : 0
            last = now
            poll(nil, 0, 5)
        }
        return last
    }
}
