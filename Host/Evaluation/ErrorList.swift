internal import Foundations
internal import Glibc

/// The file that holds every miss, as JSON Lines; it repeats the text of the data set, so it is the user's alone (0600).
final class ErrorList {
    private let descriptor: Int32
    private let path: String
    private var pending: [UInt8] = []

    /// - Throws: `file.failed`.
    init(_ path: String) throws(SluiceError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Files.Failure(call: "create", path: path, errno: errno).asError }
    }

    deinit { close(descriptor) }

    func add(_ line: JSON) throws(SluiceError) {
        pending += line.canonicalBytes
        pending.append(UInt8(ascii: "\n"))
        if pending.count > 1 << 16 { try flush() }
    }

    /// - Throws: `file.failed`. What was not flushed is lost.
    func flush() throws(SluiceError) {
        do throws(Files.Failure) {
            try Files.writeAll(pending, to: descriptor, path: path)
        } catch {
            throw error.asError
        }
        pending.removeAll(keepingCapacity: true)
    }
}
