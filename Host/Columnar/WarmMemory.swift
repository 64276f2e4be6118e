internal import Glibc
internal import Synchronization

/// Memory that batches of one stream had, kept for the next ones.
///
/// Fresh memory costs a page fault every 4 KiB, which for a large batch takes longer than to copy and check it. A block
/// comes back when the last column that lies in it goes. Any thread.
public final class WarmMemory: Sendable {
    /// `@unchecked Sendable`: one owner at a time, the pool or the `Bytes` that it was given to.
    struct Block: @unchecked Sendable {
        let memory: UnsafeMutableRawPointer
        let capacity: Int
    }

    private let blocks = Mutex<[Block]>([])

    /// Blocks that wait, at most: one stream fills one while another is read.
    private static let most = 2
    private static let hugePage = 2 << 20

    public init() {}

    deinit { blocks.withLock { for block in $0 { free(block.memory) } } }

    /// A block of at least so many bytes. One that is much too large is left for larger batches.
    func take(_ count: Int) -> Block {
        let found = blocks.withLock { blocks -> Block? in
            let fits = blocks.firstIndex { $0.capacity >= count && $0.capacity / 4 <= max(count, 1 << 16) }
            return fits.map { blocks.remove(at: $0) }
        }
        if let found { return found }
        let isLarge = count >= 2 * Self.hugePage
        // A little more: the next batch is rarely of the same size.
        let capacity =
            isLarge ? (count + count / 8 + Self.hugePage - 1) / Self.hugePage * Self.hugePage : max(count, 64)
        var memory: UnsafeMutableRawPointer?
        let status = posix_memalign(&memory, isLarge ? Self.hugePage : 64, capacity)
        guard status == 0, let memory else {
            // As Swift's own allocations do: a process that has no memory left cannot go on.
            preconditionFailure("out of memory: \(capacity) bytes")
        }
        if isLarge { madvise(memory, capacity, MADV_HUGEPAGE) }
        return Block(memory: memory, capacity: capacity)
    }

    func give(_ memory: UnsafeMutableRawPointer, capacity: Int) {
        let returned = Block(memory: memory, capacity: capacity)
        let dropped = blocks.withLock { blocks -> Block? in
            blocks.append(returned)
            return blocks.count > Self.most ? blocks.removeFirst() : nil
        }
        if let dropped { free(dropped.memory) }
    }
}
