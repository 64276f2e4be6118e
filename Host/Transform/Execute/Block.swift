internal import Columnar
internal import Glibc

/// The rows of a batch that one instruction works on before the next one does: what they need fits the processor's
/// caches.
enum Block {
    /// A multiple of eight, as `ColumnWriter` wants it.
    static let rows = 1024
}

/// Values of a block that are not text, as `ColumnWriter` takes them: int64, units of a decimal, microseconds, days,
/// 0 and 1, or a double's bits.
struct Words {
    /// 0 where there is a null.
    let values: UnsafeMutablePointer<Int64>
    /// 1 for a value, 0 for a null.
    let valid: UnsafeMutablePointer<UInt8>

    init(_ rows: Int) {
        values = .allocate(capacity: rows)
        values.initialize(repeating: 0, count: rows)
        valid = .allocate(capacity: rows)
        valid.initialize(repeating: 1, count: rows)
    }

    /// A register that holds one number for all rows.
    init(constant: Int64, _ rows: Int) {
        self.init(rows)
        values.update(repeating: constant, count: rows)
    }

    func deallocate() {
        values.deallocate()
        valid.deallocate()
    }

    @inline(__always)
    func set(_ row: Int, _ value: Int64) {
        values[row] = value
        valid[row] = 1
    }

    @inline(__always)
    func setNull(_ row: Int) {
        values[row] = 0
        valid[row] = 0
    }
}

typealias Cells = UnsafeMutablePointer<Cell>

/// Bytes that kernels make for the cells of one block. They stay where they are until `reset`.
final class Arena {
    private var chunks: [UnsafeMutableBufferPointer<UInt8>] = []
    private var at: UnsafeMutablePointer<UInt8>
    private var left: Int

    /// What is kept from block to block.
    private static let most = 64 << 20
    private static let least = 1 << 17

    init() {
        at = .allocate(capacity: Self.least)
        left = Self.least
        chunks.append(UnsafeMutableBufferPointer(start: at, count: left))
    }

    deinit { for chunk in chunks { chunk.deallocate() } }

    /// Room for `count` bytes, of which `commit` keeps what was written.
    @inline(__always)
    func reserve(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        if count > left { grow(count) }
        return at
    }

    @inline(__always)
    func commit(_ count: Int) {
        at += count
        left -= count
    }

    /// The bytes just written at `reserve`'s place, as a cell.
    @inline(__always)
    func cell(_ count: Int) -> Cell {
        let cell = Cell(at, count)
        commit(count)
        return cell
    }

    @inline(never)
    private func grow(_ count: Int) {
        let last = chunks.last?.count ?? 0
        begin(.allocate(capacity: max(count, min(last * 2, Self.most))))
    }

    private func begin(_ chunk: UnsafeMutableBufferPointer<UInt8>) {
        chunks.append(chunk)
        guard let base = chunk.baseAddress else { return }
        at = base
        left = chunk.count
    }

    /// Forgets all bytes, and keeps one chunk for the next block.
    func reset() {
        if chunks.count == 1, let base = chunks[0].baseAddress {
            at = base
            left = chunks[0].count
            return
        }
        // The first one is never larger than what is kept.
        let kept = chunks.lastIndex { $0.count <= Self.most } ?? 0
        let chunk = chunks[kept]
        if chunks.count > 1 {
            for (place, other) in chunks.enumerated() where place != kept { other.deallocate() }
        }
        chunks.removeAll(keepingCapacity: true)
        begin(chunk)
    }
}

/// The rows of a block for which a node has no value.
struct Failures {
    struct Failure {
        /// In the block.
        let row: Int32
        let reason: Reason
    }

    private(set) var all: [Failure] = []
    /// Whether anybody asks.
    var isSilent = false

    @inline(never)
    mutating func add(_ row: Int, _ reason: Reason) {
        if !isSilent { all.append(Failure(row: Int32(truncatingIfNeeded: row), reason: reason)) }
    }

    mutating func clear() { all.removeAll(keepingCapacity: true) }
}
