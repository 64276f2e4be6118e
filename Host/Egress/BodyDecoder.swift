internal import CCurl

/// The codings in which a body may come (RFC 9110 §8.4.1), one at a time.
enum BodyCoding {
    case gzip, deflate

    /// - Parameter text: in lower case; nil for any other coding, and for a list.
    init?(_ text: String) {
        switch text {
        case "gzip", "x-gzip": self = .gzip
        case "deflate": self = .deflate
        default: return nil
        }
    }
}

/// Decodes the body of an answer as it comes, never past a cap.
///
/// Not Sendable: it lives on the thread of its one transfer. Its memory is zeroed when it goes, because a server may send
/// a credential back.
final class BodyDecoder {
    enum Outcome { case taken, tooLarge, broken }

    private let state: OpaquePointer
    private var piece: [UInt8]
    private var isEnded = false

    /// nil when there is no memory.
    init?(_ coding: BodyCoding) {
        guard let state = ccurl_inflate_begin(coding == .gzip ? 1 : 0) else { return nil }
        self.state = state
        piece = [UInt8](repeating: 0, count: 64 * 1024)
    }

    deinit {
        ccurl_inflate_end(state)
        piece.withUnsafeMutableBytes { ccurl_wipe($0.baseAddress, $0.count) }
    }

    /// Whether the coded body is there to its end.
    var isWhole: Bool { isEnded }

    /// Appends what `bytes` decode to; `body` is left with at most `cap` bytes.
    ///
    /// Takes time in proportion to `bytes` and to what is appended.
    func take(_ bytes: UnsafeRawBufferPointer, into body: inout [UInt8], atMost cap: Int) -> Outcome {
        var left = bytes
        while true {
            // One body is one stream: what follows its end is somebody's mistake, or a second reader's other answer.
            if isEnded { return left.isEmpty ? .taken : .broken }
            var (used, made) = (0, 0)
            let status = piece.withUnsafeMutableBytes {
                ccurl_inflate_step(state, left.baseAddress, left.count, $0.baseAddress, $0.count, &used, &made)
            }
            guard status >= 0, status == 1 || used + made > 0 || left.isEmpty else { return .broken }
            guard body.count + made <= cap else { return .tooLarge }
            body.append(contentsOf: piece[..<made])
            left = UnsafeRawBufferPointer(rebasing: left[used...])
            isEnded = status == 1
            // A full piece means that there may be more of it.
            if !isEnded && left.isEmpty && made < piece.count { return .taken }
        }
    }
}
