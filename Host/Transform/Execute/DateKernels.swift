internal import Columnar

/// date_parse and date_format, a block at a time.
enum DateKernels {
    static func parse(
        _ reader: DateReader, _ cells: Cells, _ out: Words, _ count: Int, _ failures: inout Failures
    ) {
        var cursor = ZoneCursor()
        CastKernels.parse(cells, out, count, emptyIsError: reader.emptyIsError, &failures) {
            reader.read($0, &cursor, &$1)
        }
    }

    static func format(
        _ writer: DateWriter, _ input: Words, _ out: Cells, _ count: Int, _ arena: Arena,
        _ failures: inout Failures
    ) {
        var cursor = ZoneCursor()
        for row in 0..<count {
            guard input.valid[row] == 1 else {
                out[row] = .null
                continue
            }
            var size = 0
            let room = UnsafeMutableRawPointer(arena.reserve(writer.capacity))
            if let reason = writer.write(input.values[row], &cursor, room, &size) {
                failures.add(row, reason)
                out[row] = .null
            } else {
                out[row] = arena.cell(size)
            }
        }
    }
}
