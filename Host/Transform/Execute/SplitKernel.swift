internal import CVector
internal import Columnar
internal import Glibc

/// What `regex_split` cuts at, ready to be looked for.
enum Splitter: Sendable {
    case byte(UInt8)
    case text(FixedText)
    case pattern(Finder)

    /// - Parameter text: at least one byte.
    init(_ text: String) {
        let bytes = Array(text.utf8)
        self = bytes.count == 1 ? .byte(bytes[0]) : .text(FixedText(text))
    }
}

/// regex_split, a block at a time. One piece stays where it is; joined pieces are copied, unless there is but one.
enum SplitKernel {
    static func run(
        _ splitter: Splitter, _ choice: PieceChoice, _ cells: Cells, _ out: Cells, _ count: Int, _ arena: Arena
    ) {
        switch splitter {
        case .byte(let byte):
            run(choice, cells, out, count, arena) { cell, at in
                guard at < cell.count, let base = cell.base, let found = memchr(base + at, Int32(byte), cell.count - at)
                else { return nil }
                let start = UnsafeRawPointer(base).distance(to: found)
                return (start, start + 1)
            }
        case .text(let text):
            let separator = text.cell
            run(choice, cells, out, count, arena) { cell, at in
                guard at < cell.count, let base = cell.base, let needle = separator.base,
                    let found = cvector_find(base + at, cell.count - at, needle, separator.count)
                else { return nil }
                let start = UnsafeRawPointer(base).distance(to: found)
                return (start, start + separator.count)
            }
        case .pattern(let finder):
            if let (set, isSingle) = finder.run {
                if case .join("") = choice { return delete(set, cells, out, count, arena) }
                return run(choice, cells, out, count, arena) { cell, at in
                    Finder.find(set, isSingle: isSingle, cell.bytes, from: at)
                }
            }
            var separators = finder.separators
            run(choice, cells, out, count, arena) { cell, at in separators.next(in: cell.bytes, from: at) }
        }
    }

    @inline(__always)
    private static func run(
        _ choice: PieceChoice, _ cells: Cells, _ out: Cells, _ count: Int, _ arena: Arena,
        _ find: (Cell, Int) -> (start: Int, end: Int)?
    ) {
        switch choice {
        case .index(let index):
            for row in 0..<count {
                let cell = cells[row]
                out[row] = cell.base == nil ? .null : piece(cell, index, find)
            }
        case .join(let text):
            let glue = FixedText(text)
            for row in 0..<count {
                let cell = cells[row]
                guard cell.base != nil, let first = find(cell, 0) else {
                    out[row] = cell
                    continue
                }
                out[row] = joined(cell, first, glue.cell, arena, find)
            }
        }
    }

    /// The texts without the bytes of a set.
    private static func delete(_ set: ByteSet, _ cells: Cells, _ out: Cells, _ count: Int, _ arena: Arena) {
        let kept = set.complement
        for row in 0..<count {
            let cell = cells[row]
            guard cell.base != nil else {
                out[row] = cell
                continue
            }
            let kept = cvector_keep(cell.base, cell.count, kept, arena.reserve(cell.count))
            out[row] = kept == cell.count ? cell : arena.cell(kept)
        }
    }

    @inline(__always)
    private static func piece(_ cell: Cell, _ index: Int, _ find: (Cell, Int) -> (start: Int, end: Int)?) -> Cell {
        var wanted = index
        if index < 0 {
            var separators = 0
            var at = 0
            while let found = find(cell, at) {
                separators += 1
                at = found.end
            }
            wanted = separators + 1 + index
            if wanted < 0 { return .null }
        }
        var at = 0
        var place = 0
        while true {
            let found = find(cell, at)
            if place == wanted { return cell.part(at, found?.start ?? cell.count) }
            guard let found else { return .null }
            at = found.end
            place += 1
        }
    }

    @inline(__always)
    private static func joined(
        _ cell: Cell, _ first: (start: Int, end: Int), _ glue: Cell, _ arena: Arena,
        _ find: (Cell, Int) -> (start: Int, end: Int)?
    ) -> Cell {
        // At most one separator a byte.
        let room = glue.count <= 1 ? cell.count : size(cell, first, glue, find)
        let start = arena.reserve(room)
        var out = start
        var at = 0
        var found: (start: Int, end: Int)? = first
        while let next = found {
            TextKernels.put(cell.part(at, next.start), &out)
            TextKernels.put(glue, &out)
            at = next.end
            found = find(cell, at)
        }
        TextKernels.put(cell.part(at, cell.count), &out)
        return arena.cell(out - start)
    }

    private static func size(
        _ cell: Cell, _ first: (start: Int, end: Int), _ glue: Cell, _ find: (Cell, Int) -> (start: Int, end: Int)?
    ) -> Int {
        var size = cell.count
        var found: (start: Int, end: Int)? = first
        while let next = found {
            size += glue.count - (next.end - next.start)
            found = find(cell, next.end)
        }
        return size
    }
}

/// Patterns, a block at a time.
enum PatternKernels {
    /// What the pattern or its group matches first: a part of the input.
    static func extract(_ finder: Finder, group: Int, _ cells: Cells, _ out: Cells, _ count: Int) {
        switch finder.form {
        case .whole(let set, let counts):
            let table = set.table
            extract(cells, out, count) { Finder.whole($0, table, counts) }
        case .ending(let first, let set):
            let table = set.table
            extract(cells, out, count) { Finder.ending($0, first, table, group: group) }
        case .any, .run: extract(cells, out, count) { finder.find($0, group: group) }
        }
    }

    @inline(__always)
    private static func extract(
        _ cells: Cells, _ out: Cells, _ count: Int, _ find: (UnsafeRawBufferPointer) -> (start: Int, end: Int)?
    ) {
        for row in 0..<count {
            let cell = cells[row]
            guard cell.base != nil, let found = find(cell.bytes) else {
                out[row] = .null
                continue
            }
            out[row] = cell.part(found.start, found.end)
        }
    }

    /// 1 where the pattern matches somewhere, otherwise, and for a null, 0.
    static func matches(_ finder: Finder, _ cells: Cells, _ out: UnsafeMutablePointer<UInt8>, _ count: Int) {
        for row in 0..<count {
            let cell = cells[row]
            out[row] = cell.base != nil && finder.matches(cell.bytes) ? 1 : 0
        }
    }
}
