internal import CVector
internal import Columnar
internal import Glibc

/// Steps that make text of text, a block at a time. What stays a part of its input is not copied.
///
/// `out` may be one of the inputs: a row is read before it is written.
enum TextKernels {
    static func trim(_ cells: Cells, _ out: Cells, _ count: Int) {
        for row in 0..<count {
            let cell = cells[row]
            guard cell.base != nil else {
                out[row] = cell
                continue
            }
            out[row] = Cell(WhiteSpace.trimmed(cell.bytes))
        }
    }

    static func collapse(_ cells: Cells, _ out: Cells, _ count: Int, _ arena: Arena) {
        for row in 0..<count {
            let cell = cells[row]
            let bytes = cell.bytes
            let start = WhiteSpace.firstToCollapse(bytes)
            if start == bytes.count {
                out[row] = cell
                continue
            }
            let room = UnsafeMutableRawBufferPointer(start: arena.reserve(bytes.count), count: bytes.count)
            out[row] = arena.cell(WhiteSpace.collapse(bytes, from: start, into: room))
        }
    }

    static func changeCase(
        _ to: LetterCase, _ letters: CaseLetters, _ cells: Cells, _ out: Cells, _ count: Int, _ arena: Arena
    ) {
        let mapper = LetterMapper(to, letters)
        let ends = letters == .ascii ? CVECTOR_CHANGED : CVECTOR_CHANGED | CVECTOR_BEYOND
        for row in 0..<count {
            let cell = cells[row]
            guard let base = cell.base else {
                out[row] = cell
                continue
            }
            // No mapping of the table more than doubles a scalar.
            let room = arena.reserve(cell.count * 2)
            let seen = cvector_flip(base, cell.count, mapper.first, room) & ends
            if seen == 0 {
                out[row] = cell
            } else if seen & CVECTOR_BEYOND == 0 {
                out[row] = arena.cell(cell.count)
            } else {
                let made = mapper.mapBeyond(cell.bytes, into: room)
                out[row] = made == cell.count && memcmp(room, base, made) == 0 ? cell : arena.cell(made)
            }
        }
    }

    /// Most bytes that `concat` makes of a block.
    static func bound(_ concat: ConcatBytes, _ inputs: UnsafeBufferPointer<Cells>, _ count: Int) -> Int {
        let fixed = concat.prefix.cell.count + concat.suffix.cell.count
        var size = (fixed + concat.separator.cell.count * (inputs.count - 1)) * count
        for input in inputs { size += self.size(input, count) }
        return size
    }

    /// Joins texts; `inputs` has one pointer to cells an input. The bytes are written from `start` on, where there is room
    /// for `bound`, one text behind the other; returns how many.
    static func concat(
        _ concat: ConcatBytes, _ inputs: UnsafeBufferPointer<Cells>, _ out: Cells, _ count: Int,
        _ start: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let (prefix, separator, suffix) = (concat.prefix.cell, concat.separator.cell, concat.suffix.cell)
        let skipsNulls = concat.skipsNulls
        var next = start
        rows: for row in 0..<count {
            var at = next
            var isFirst = true
            put(prefix, &at)
            for input in inputs {
                let cell = input[row]
                if cell.base == nil {
                    if skipsNulls { continue }
                    out[row] = .null
                    continue rows
                }
                if isFirst { isFirst = false } else { put(separator, &at) }
                put(cell, &at)
            }
            if isFirst {
                out[row] = .null
                continue
            }
            put(suffix, &at)
            out[row] = Cell(next, at - next)
            next = at
        }
        return next - start
    }

    @inline(__always)
    static func put(_ cell: Cell, _ at: inout UnsafeMutablePointer<UInt8>) {
        cvector_copy(at, cell.base, cell.count)
        at += cell.count
    }

    /// Bytes of a block's cells together, for the bound on what a step may make.
    static func size(_ cells: Cells, _ count: Int) -> Int {
        var size = 0
        for row in 0..<count { size += cells[row].count }
        return size
    }
}

extension Cell {
    /// A text; bytes without a place are an empty one.
    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer) {
        self.init(
            bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? FixedText.empty.base, bytes.count)
    }

    /// A part of a text.
    @inline(__always)
    func part(_ start: Int, _ end: Int) -> Cell { Cell(base.map { $0 + start }, end - start) }
}

/// A text of a plan, at a place of its own for as long as the program lives.
///
/// `@unchecked Sendable`: the bytes are written once, before anybody else sees them.
final class FixedText: @unchecked Sendable {
    let cell: Cell
    private let memory: UnsafeMutablePointer<UInt8>

    init(_ text: String) {
        let bytes = Array(text.utf8)
        memory = .allocate(capacity: max(bytes.count, 1))
        memory.initialize(to: 0)
        for (place, byte) in bytes.enumerated() { memory[place] = byte }
        cell = Cell(memory, bytes.count)
    }

    deinit { memory.deallocate() }

    private static let nothing = FixedText("")
    /// The empty text; its place is good for ever.
    static var empty: Cell { nothing.cell }
}

/// The arguments of `concat`, as bytes.
struct ConcatBytes: Sendable {
    let prefix: FixedText
    let separator: FixedText
    let suffix: FixedText
    let skipsNulls: Bool

    init(_ concat: Concatenation) {
        prefix = FixedText(concat.prefix)
        separator = FixedText(concat.separator)
        suffix = FixedText(concat.suffix)
        skipsNulls = concat.nulls == .skip
    }
}
