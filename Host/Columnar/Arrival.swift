internal import Glibc

/// Bytes on their way out of memory that somebody else can write at any moment.
///
/// Each byte is copied once, in order, and looked at afterwards in the copy alone: what is checked cannot change any
/// more. Copying piece by piece, just ahead of the checks, finds the copy in the processor's cache. One thread at a time.
final class Arrival {
    /// The copy. What `need` has not been asked for is not there yet.
    let bytes: Bytes
    private let source: UnsafeRawPointer?
    private let memory: UnsafeMutableRawPointer?
    private var arrived: Int

    /// So much is copied at once at least: a quarter of a cache, more than most heads have.
    static let piece = 256 << 10

    /// Bytes that are here already.
    init(_ bytes: Bytes) {
        self.bytes = bytes
        (source, memory) = (nil, nil)
        arrived = bytes.count
    }

    /// Bytes that are still there: `source` must stay mapped until the last one was needed.
    init(copying source: UnsafeRawBufferPointer, pool: WarmMemory) {
        let pending = Bytes.pending(count: source.count, from: pool)
        (bytes, memory) = pending
        self.source = source.baseAddress
        arrived = 0
    }

    /// Copies up to that place, which lies inside the bytes, if that was not done yet.
    @inline(__always)
    func need(_ end: Int) { if end > arrived { copy(end) } }

    @inline(never)
    private func copy(_ end: Int) {
        guard let source, let memory else { return }
        let until = min(bytes.count, max(end, arrived + Self.piece))
        memcpy(memory + arrived, source + arrived, until - arrived)
        arrived = until
    }
}
