internal import Columnar
internal import Foundations

/// The numbers of the runner's protocol (Host/Runner/include/wire.h, docs/runner-protocol.md).
enum Wire {
    static let version: UInt32 = 2
    static let headerSize = 16
    static let maximumFrame = 512 * 1024 * 1024
    static let maximumBatch = 256 * 1024 * 1024
    /// Of a shared region.
    static let slots = 2
    static let slotSize = 64 * 1024 * 1024
    /// A batch of at most so many bytes lies in its frame.
    static let inlineBatch = 32 * 1024
    /// Calls in one CALLS frame, and the bytes of their results together.
    static let maximumCalls = 4096
    /// Code of an ERROR by which the runner says that the plugin's table lacks the function; none of the taxonomy.
    static let notOffered: Int32 = 100
    static let maximumResults = 64 * 1024 * 1024

    /// Host → runner.
    enum Request: UInt16 { case load = 1, create, call, cancel, shutdown, httpResponse, batchDone, calls }

    /// Runner → host.
    enum Answer: UInt16 {
        case hello = 64, loaded, created, result, error, batch, log, progress, httpRequest, batchAt, results

        /// Whether rows of a scan come with it.
        var hasRows: Bool { self == .batch || self == .batchAt }
    }

    enum Method: UInt32 {
        case infer = 1, embed, tokenEstimate, health, submit, poll
        case inventory = 16, schema, split, scan
        case declare = 32, begin, update, merge, finish, updateAt

        /// As messages name it.
        var name: String {
            switch self {
            case .infer: "infer"
            case .embed: "embed"
            case .tokenEstimate: "token_estimate"
            case .health: "health"
            case .submit: "submit"
            case .poll: "poll"
            case .inventory: "inventory"
            case .schema: "schema"
            case .split: "split"
            case .scan: "scan"
            case .declare: "declare"
            case .begin: "begin"
            case .update, .updateAt: "update"
            case .merge: "merge"
            case .finish: "finish"
            }
        }
    }

    /// The kind in LOAD of a plugin that is asked what it is.
    static let kindAsked: Int32 = 0

    static let serviceReadAt: UInt64 = 1
    static let serviceResource: UInt64 = 2
    static let serviceHTTP: UInt64 = 4
    static let serviceRelay: UInt64 = 8

    /// Why bytes from a runner were refused; it names a place, never a value.
    struct Fault: Error, Equatable {
        let reason: String
    }

    /// The head of a frame from a runner, checked as far as it can be alone.
    struct Header: Equatable {
        let size: Int
        let answer: Answer
        let call: UInt32

        init(_ bytes: UnsafeRawBufferPointer) throws(Fault) {
            guard bytes.count >= headerSize else { throw Fault(reason: "a frame's header is short") }
            let size = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
            let type = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt16.self))
            let zero = bytes.loadUnaligned(fromByteOffset: 6, as: UInt16.self)
            let end = bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self)
            guard let answer = Answer(rawValue: type) else {
                throw Fault(reason: "a frame has the unknown type \(type)")
            }
            guard zero == 0, end == 0 else { throw Fault(reason: "a frame's header is not clean") }
            guard size <= maximumFrame else { throw Fault(reason: "a frame is larger than the protocol allows") }
            self.size = Int(size)
            self.answer = answer
            call = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        }
    }
}

/// A frame under construction; its header's room comes first.
struct FrameWriter {
    private(set) var bytes: [UInt8]

    init(_ request: Wire.Request, call: UInt32) {
        bytes = [UInt8](repeating: 0, count: Wire.headerSize)
        set(request.rawValue, at: 4)
        set(call, at: 8)
    }

    /// Writes a number where `reserve` made room for it.
    mutating func fill<T: FixedWidthInteger>(_ place: Int, _ value: T) { set(value, at: place) }

    private mutating func set<T: FixedWidthInteger>(_ value: T, at offset: Int) {
        withUnsafeBytes(of: value.littleEndian) { source in
            for (place, byte) in source.enumerated() { bytes[offset + place] = byte }
        }
    }

    mutating func integer<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func text(_ value: String) {
        integer(UInt32(truncatingIfNeeded: value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    /// Bytes as a `str`.
    mutating func text(bytes: [UInt8]) {
        integer(UInt32(truncatingIfNeeded: bytes.count))
        self.bytes.append(contentsOf: bytes)
    }

    mutating func batch(_ batch: Batch) { BatchCodec.encode(batch, into: &bytes) }

    mutating func batch(_ layout: BatchLayout) { layout.append(to: &bytes) }

    mutating func schema(_ schema: Schema) { BatchCodec.encode(schema, into: &bytes) }

    /// The whole frame, or nil when it is larger than the protocol allows.
    consuming func finish() -> [UInt8]? {
        let size = bytes.count - Wire.headerSize
        guard size <= Wire.maximumFrame else { return nil }
        set(UInt32(size), at: 0)
        return bytes
    }
}

/// Reads a payload without trusting a length; the caller ends with `finish`.
struct PayloadReader {
    private let payload: Bytes
    private var at = 0

    init(_ payload: Bytes) { self.payload = payload }

    var remaining: Int { payload.count - at }

    mutating func integer<T: FixedWidthInteger>(_: T.Type = T.self) throws(Wire.Fault) -> T {
        guard remaining >= MemoryLayout<T>.size else { throw Wire.Fault(reason: "a payload is too short") }
        let value = payload.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at, as: T.self) }
        at += MemoryLayout<T>.size
        return T(littleEndian: value)
    }

    mutating func raw(_ count: Int) throws(Wire.Fault) -> [UInt8] {
        guard count >= 0, count <= remaining else { throw Wire.Fault(reason: "a payload is too short") }
        let bytes = payload.withUnsafeBytes { Array($0[at..<(at + count)]) }
        at += count
        return bytes
    }

    /// The bytes of a `str`.
    mutating func textBytes() throws(Wire.Fault) -> [UInt8] { try raw(Int(try integer(UInt32.self))) }

    /// The batch that takes the rest of the payload.
    consuming func batch() throws(Wire.Fault) -> Batch {
        do {
            if at == 0 { return try BatchCodec.decode(payload) }
            // Offsets in a batch count from its first byte and are multiples of 8; behind a text it lies anywhere.
            let rest = try raw(remaining)
            return try BatchCodec.decode(Bytes.copy(rest))
        } catch let failure as BatchCodec.Failure {
            throw Wire.Fault(reason: "a batch is malformed: \(failure.reason)")
        } catch let fault as Wire.Fault { throw fault } catch {
            throw Wire.Fault(reason: "a batch is malformed")
        }
    }

    func finish() throws(Wire.Fault) {
        guard remaining == 0 else { throw Wire.Fault(reason: "a payload is too long") }
    }
}
