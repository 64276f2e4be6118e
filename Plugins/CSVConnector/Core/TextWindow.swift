internal import Glibc

/// The part of a source that is being parsed, as UTF-8 in one block of memory.
///
/// It holds the text from the record in hand on; `fill` drops what lies before it and reads more. Behind `end` there
/// are always `slack` readable bytes of no meaning.
final class TextWindow {
    /// Room for loads that reach over the end.
    static let slack = 32

    private(set) var base: UnsafeMutablePointer<UInt8>
    /// Bytes of text.
    private(set) var end = 0
    /// Whether the source has no more bytes.
    private(set) var isFinal = false
    /// Whether the text may hold a byte above 0x7F.
    private(set) var mayHoldNonASCII = false
    /// Turns places of the text back into source bytes.
    let transcoder: Transcoder

    private let read: ReadAt
    private let blockBytes: Int
    private var capacity: Int
    private var readOffset: UInt64
    /// Source bytes that wait for decoding; unused for UTF-8.
    private var raw: UnsafeMutableRawBufferPointer
    private var rawCount = 0

    /// A window at a place of the source where a character begins.
    init(read: @escaping ReadAt, encoding: SourceEncoding, offset: UInt64, blockBytes: Int) {
        self.read = read
        self.blockBytes = blockBytes
        transcoder = Transcoder(encoding: encoding)
        readOffset = offset
        capacity = blockBytes + TextWindow.slack
        base = TextWindow.resized(nil, to: capacity)
        let rawBytes = encoding == .utf8 ? 0 : blockBytes + 4
        raw = UnsafeMutableRawBufferPointer.allocate(byteCount: rawBytes, alignment: 16)
    }

    deinit {
        free(base)
        raw.deallocate()
    }

    /// Memory that runs out ends the process, as Swift's own arrays do.
    private static func resized(_ block: UnsafeMutablePointer<UInt8>?, to size: Int) -> UnsafeMutablePointer<UInt8> {
        guard let grown = realloc(block, size) else {
            preconditionFailure("Out of memory: a record needs \(size) bytes.")
        }
        return grown.assumingMemoryBound(to: UInt8.self)
    }

    var text: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: end) }

    /// Move the text from `kept` on to the front and read at least one byte more, or find the end.
    ///
    /// The longer the kept text the more is read, so that a record is parsed anew only a logarithmic number of times.
    func fill(keepingFrom kept: Int) throws(CSVFailure) {
        guard !isFinal else { return }
        let pending = end - kept
        if kept > 0, pending > 0 { memmove(base, base + kept, pending) }
        end = pending
        if pending == 0 { mayHoldNonASCII = false }
        let wanted = max(blockBytes, pending)
        while end < pending + wanted, !isFinal {
            if transcoder.encoding == .utf8 {
                try readDirectly(wanted - (end - pending))
            } else {
                try readTranscoded()
            }
        }
    }

    private func reserve(_ extra: Int) {
        guard end + extra + TextWindow.slack > capacity else { return }
        capacity = end + extra + TextWindow.slack
        base = TextWindow.resized(base, to: capacity)
    }

    private func readDirectly(_ count: Int) throws(CSVFailure) {
        reserve(count)
        let got = try read(readOffset, UnsafeMutableRawBufferPointer(start: base + end, count: count))
        if got == 0 { isFinal = true }
        if !mayHoldNonASCII {
            mayHoldNonASCII = !UTF8Check.isASCII(UnsafeRawBufferPointer(start: base + end, count: got))
        }
        end += got
        readOffset += UInt64(got)
    }

    private func readTranscoded() throws(CSVFailure) {
        let place = UnsafeMutableRawBufferPointer(rebasing: raw[rawCount..<min(raw.count, rawCount + blockBytes)])
        let got = try read(readOffset, place)
        readOffset += UInt64(got)
        rawCount += got
        isFinal = got == 0
        reserve(Transcoder.room(for: rawCount))
        let source = UnsafeRawBufferPointer(rebasing: raw.prefix(rawCount))
        let done = transcoder.transcode(source, isFinal: isFinal, to: base + end)
        if !mayHoldNonASCII {
            mayHoldNonASCII = !UTF8Check.isASCII(UnsafeRawBufferPointer(start: base + end, count: done.written))
        }
        end += done.written
        rawCount -= done.read
        if rawCount > 0, done.read > 0, let block = raw.baseAddress { memmove(block, block + done.read, rawCount) }
    }
}
