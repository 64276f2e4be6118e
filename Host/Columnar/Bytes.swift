internal import Glibc

/// Immutable bytes with one owner, 64-byte aligned, shared by reference.
///
/// `@unchecked Sendable`: the memory is written before `make` returns, or by the one `Arrival` that made it before
/// anybody else sees it, and never again.
public final class Bytes: @unchecked Sendable {
    private let memory: UnsafeMutableRawPointer
    public let count: Int
    /// Where the memory goes at the end, and what it holds in all; nil: it is freed.
    private let home: (pool: WarmMemory, capacity: Int)?

    private init(memory: UnsafeMutableRawPointer, count: Int, home: (pool: WarmMemory, capacity: Int)? = nil) {
        self.memory = memory
        self.count = count
        self.home = home
    }

    /// Takes over memory of ``allocate(_:)`` that nobody writes any more.
    convenience init(adopting memory: UnsafeMutableRawPointer, count: Int) {
        self.init(memory: memory, count: count)
    }

    deinit { if let home { home.pool.give(memory, capacity: home.capacity) } else { free(memory) } }

    /// Bytes that are still to be written: each once, before it is read, by whoever asked for them.
    static func pending(count: Int, from pool: WarmMemory) -> (bytes: Bytes, memory: UnsafeMutableRawPointer) {
        let block = pool.take(count)
        return (Bytes(memory: block.memory, count: count, home: (pool, block.capacity)), block.memory)
    }

    /// New bytes, zeroed, that `fill` may write before they become immutable.
    public static func make<E: Error>(
        count: Int, fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void
    ) throws(E) -> Bytes {
        let memory = allocate(count)
        memset(memory, 0, count)
        let bytes = Bytes(memory: memory, count: count)
        try fill(UnsafeMutableRawBufferPointer(start: memory, count: count))
        return bytes
    }

    /// As `make`, without zeroing: `fill` must write every byte.
    public static func makeUninitialized<E: Error>(
        count: Int, fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void
    ) throws(E) -> Bytes {
        let bytes = Bytes(memory: allocate(count), count: count)
        try fill(UnsafeMutableRawBufferPointer(start: bytes.memory, count: count))
        return bytes
    }

    public static func copy(_ source: UnsafeRawBufferPointer) -> Bytes {
        makeUninitialized(count: source.count) { $0.copyMemory(from: source) }
    }

    public static func copy(_ source: [UInt8]) -> Bytes { source.withUnsafeBytes { copy($0) } }

    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: memory, count: count))
    }

    /// Valid as long as the owner lives; for views that keep the owner beside it.
    var pointer: UnsafeRawPointer { UnsafeRawPointer(memory) }

    /// At least so many bytes, to be freed by `free`.
    static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        var memory: UnsafeMutableRawPointer?
        let status = posix_memalign(&memory, 64, max(count, 64))
        guard status == 0, let memory else {
            // As Swift's own allocations do: a process that has no memory left cannot go on.
            preconditionFailure("out of memory: \(count) bytes")
        }
        return memory
    }
}

/// A range of `Bytes`, which it keeps alive.
public struct Buffer: Sendable {
    let owner: Bytes
    let offset: Int
    public let count: Int

    public init(_ owner: Bytes) {
        self.owner = owner
        self.offset = 0
        self.count = owner.count
    }

    /// A part of the bytes; nil when the range is not inside them.
    public init?(_ owner: Bytes, offset: Int, count: Int) {
        guard offset >= 0, count >= 0, offset <= owner.count, count <= owner.count - offset else { return nil }
        self.owner = owner
        self.offset = offset
        self.count = count
    }

    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: pointer, count: count))
    }

    var pointer: UnsafeRawPointer { owner.pointer + offset }

    /// Where it ends in its owner.
    var end: Int { offset + count }
}
