internal import Foundations
internal import Glibc

/// The bytes of a source as a connector is handed them: by a descriptor that the host opened.
public enum SourceStream: Sendable {
    /// A regular file, opened for reading by the host; its size is the one that it has then.
    case file(String)
    /// These bytes and no others, in sealed memory: for metadata_only, the file up to the end of its header.
    case bytes([UInt8])

    /// What a runner inherits.
    struct Opened {
        let file: Descriptor
        let size: Int
    }

    /// - Throws: `source.missing` for a file that cannot be opened or is not a regular one.
    func open() throws(SluiceError) -> Opened {
        switch self {
        case .bytes(let bytes): return Opened(file: try SealedFile.make(bytes, name: "source"), size: bytes.count)
        case .file(let path):
            // Non-blocking: a named pipe must be refused, not waited for.
            let number = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
            guard number >= 0 else {
                throw SluiceError(.sourceMissing, "\(path) cannot be opened: \(String(cString: strerror(errno))).")
            }
            let file = Descriptor(owning: number)
            var information = stat()
            guard fstat(number, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
                throw SluiceError(.sourceMissing, "\(path) is not a regular file.")
            }
            return Opened(file: file, size: Int(information.st_size))
        }
    }
}
