internal import CSystem
internal import Foundations
internal import Glibc

/// An open file descriptor with one owner; closed when the last reference goes.
final class Descriptor {
    let number: Int32

    init(owning number: Int32) { self.number = number }

    deinit { close(number) }

    /// A second descriptor of the same file whose number is at least `floor`, close-on-exec.
    func duplicate(above floor: Int32) throws(SluiceError) -> Descriptor {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, floor)
        guard copy >= 0 else { throw SystemFailure.error("fcntl F_DUPFD_CLOEXEC") }
        return Descriptor(owning: copy)
    }
}

enum SystemFailure {
    /// The failure of the system call that was just made.
    static func error(_ call: String) -> SluiceError {
        let number = errno
        return SluiceError(
            .fileFailed, "\(call) failed: \(String(cString: strerror(number))).",
            hint: number == EMFILE || number == ENFILE
                ? "Raise the limit of open files (ulimit -n)." : "Check the memory and the limits of this machine.")
    }
}

/// Bytes in an anonymous file that nobody can change any more, this process included.
enum SealedFile {
    static func make(_ bytes: [UInt8], name: String) throws(SluiceError) -> Descriptor {
        let number = csystem_memfd(name)
        guard number >= 0 else { throw SystemFailure.error("memfd_create") }
        let descriptor = Descriptor(owning: number)
        do { try Files.writeAll(bytes, to: number, path: name) } catch { throw error.asError }
        guard csystem_seal(number) == 0 else { throw SystemFailure.error("fcntl F_ADD_SEALS") }
        return descriptor
    }
}

/// The two ends of a stream that carries bytes both ways, and of one that carries them one way.
enum DescriptorPair {
    /// The host sends and receives with MSG_DONTWAIT; the runner's end blocks, as the runner expects.
    static func socket() throws(SluiceError) -> (host: Descriptor, runner: Descriptor) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw SystemFailure.error("socketpair") }
        return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    }

    /// The reading end does not block.
    static func pipe() throws(SluiceError) -> (reader: Descriptor, writer: Descriptor) {
        var ends: [Int32] = [-1, -1]
        guard csystem_pipe(&ends) == 0 else { throw SystemFailure.error("pipe2") }
        let pair = (reader: Descriptor(owning: ends[0]), writer: Descriptor(owning: ends[1]))
        guard fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 else { throw SystemFailure.error("fcntl F_SETFL") }
        return pair
    }
}
