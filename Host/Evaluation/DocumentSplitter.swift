internal import Foundations
internal import Glibc

/// Hands over the JSON documents of a file one by one, so that only one of them is in memory.
///
/// The file is JSON Lines, documents with white space between them, or one array, whose elements are the documents.
struct DocumentSplitter {
    /// Largest document, in bytes.
    static let limit = 256 << 20

    private enum Place { case start, outside, inside, done }

    private var place = Place.start
    private var isArray = false
    private var depth = 0
    private var inString = false
    private var isEscaped = false
    private var pending: [UInt8] = []
    /// Documents that were handed over.
    private(set) var count = 0

    /// Reads a whole file.
    ///
    /// - Parameter use: gets the number of a document, from 1, and its bytes; what it throws ends the reading.
    /// - Returns: the number of documents.
    /// - Throws: `eval.data` for a file that cannot be read or is no such sequence; names no content.
    static func read(
        _ path: String, _ use: (Int, [UInt8]) throws(SluiceError) -> Void
    ) throws(SluiceError) -> Int {
        let name = Files.name(of: path)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(name, Glibc.errno) }
        defer { close(descriptor) }
        var splitter = DocumentSplitter()
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let got = Files.retrying { Glibc.read(descriptor, &chunk, chunk.count) }
            guard got >= 0 else { throw unreadable(name, Glibc.errno) }
            if got == 0 { break }
            try splitter.take(chunk, got, name, use)
        }
        try splitter.finish(name)
        return splitter.count
    }

    private static func unreadable(_ name: String, _ number: Int32) -> SluiceError {
        SluiceError(.evalData, "\(name) cannot be read: \(String(cString: strerror(number))).")
    }

    private mutating func take(
        _ chunk: [UInt8], _ end: Int, _ name: String, _ use: (Int, [UInt8]) throws(SluiceError) -> Void
    ) throws(SluiceError) {
        var at = 0
        if place == .start, count == 0, end >= 3, chunk[0] == 0xEF, chunk[1] == 0xBB, chunk[2] == 0xBF { at = 3 }
        var begin = at
        while at < end {
            let byte = chunk[at]
            if place == .inside {
                at += 1
                if inString {
                    if isEscaped {
                        isEscaped = false
                    } else if byte == UInt8(ascii: "\\") {
                        isEscaped = true
                    } else if byte == UInt8(ascii: "\"") {
                        inString = false
                    }
                    continue
                }
                switch byte {
                case UInt8(ascii: "\""): inString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    guard depth == 0 else { continue }
                    count += 1
                    pending += chunk[begin..<at]
                    try use(count, pending)
                    pending.removeAll(keepingCapacity: pending.capacity < 1 << 20)
                    place = .outside
                default: break
                }
                continue
            }
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            case UInt8(ascii: ",") where isArray && place == .outside && count > 0: at += 1
            case UInt8(ascii: "]") where isArray && place == .outside:
                place = .done
                at += 1
            case UInt8(ascii: "[") where place == .start:
                isArray = true
                place = .outside
                at += 1
            case UInt8(ascii: "{") where place != .done:
                place = .inside
                begin = at
                depth = 1
                at += 1
            default:
                throw SluiceError(
                    .evalData,
                    count == 0
                        ? "\(name) is neither JSON Lines nor an array of JSON objects."
                        : "\(name) is malformed behind its document \(count): an object was expected.")
            }
        }
        guard place == .inside else { return }
        pending += chunk[begin..<end]
        guard pending.count <= Self.limit else {
            throw SluiceError(
                .evalData, "Document \(count + 1) of \(name) is longer than \(Self.limit >> 20) MiB.")
        }
    }

    private func finish(_ name: String) throws(SluiceError) {
        guard place != .inside, !(isArray && place != .done) else {
            throw SluiceError(
                .evalData, "\(name) ends within or behind its document \(count + (place == .inside ? 1 : 0)).")
        }
        guard count > 0 else { throw SluiceError(.evalData, "\(name) holds no document.") }
    }
}
