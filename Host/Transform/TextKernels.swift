internal import Columnar
internal import Foundations

/// Steps that make text of text, a column at a time.
enum TextKernels {
    /// Most bytes of a text column: its offsets have 32 bits.
    static let maximumBytes = Int(Int32.max)

    static func tooLarge() -> SluiceError {
        SluiceError(
            .stageInput, "A column of text would exceed 2147483647 bytes in one batch.", hint: "Use smaller batches.")
    }

    /// Applies a chain of text steps. A column that no step changes is returned as it is, without a copy.
    static func text(_ operand: Operand, _ column: Column, _ scratch: Scratch) throws(SluiceError) -> Column {
        if operand.chain.isEmpty { return column }
        return try column.withView { view throws(SluiceError) -> Column in
            // The common chains have loops of their own, so that nothing is dispatched per row.
            switch operand.chain {
            case [.trim]: try text(view, column) { WhiteSpace.trimmed($0) }
            case [.trim, .collapse]: try text(view, column) { TextOp.collapse.apply(WhiteSpace.trimmed($0), scratch) }
            case [.upper]: try text(view, column) { TextOp.upper.apply($0, scratch) }
            case [.lower]: try text(view, column) { TextOp.lower.apply($0, scratch) }
            case [.collapse]: try text(view, column) { TextOp.collapse.apply($0, scratch) }
            default: try text(view, column) { operand.apply($0, scratch) }
            }
        }
    }

    @inline(__always)
    private static func text(
        _ view: ColumnView, _ column: Column, _ change: (UnsafeRawBufferPointer) -> UnsafeRawBufferPointer
    ) throws(SluiceError) -> Column {
        var row = 0
        while row < view.count {
            if view.isValid(row) {
                let bytes = view.bytes(row)
                let made = change(bytes)
                if made.count != bytes.count || made.baseAddress != bytes.baseAddress { break }
            }
            row += 1
        }
        if row == view.count { return column }
        var builder = ColumnBuilder(.text, capacity: view.count, valueBytes: column.values.count)
        var total = 0
        for copied in 0..<row {
            total += view.bytes(copied).count
            builder.append(view, row: copied)
        }
        while row < view.count {
            if view.isValid(row) {
                let made = change(view.bytes(row))
                total += made.count
                guard total <= maximumBytes else { throw tooLarge() }
                builder.append(bytes: made)
            } else {
                builder.appendNull()
            }
            row += 1
        }
        return builder.finish()
    }

    /// Joins texts with a separator.
    static func concat(
        _ operands: [Operand], _ columns: [Column], separator: [UInt8], skipsNulls: Bool, _ scratch: Scratch
    ) throws(SluiceError) -> Column {
        try ColumnViews.with(columns) { views throws(SluiceError) -> Column in
            let count = views[0].count
            var builder = ColumnBuilder(
                .text, capacity: count,
                valueBytes: min(
                    columns.reduce(count * separator.count * (operands.count - 1)) { $0 + $1.values.count },
                    maximumBytes))
            var failed = false
            separator.withUnsafeBytes { separator in
                var total = 0
                for row in 0..<count {
                    let before = total
                    var pieces = 0
                    var valid = true
                    for place in 0..<operands.count {
                        guard views[place].isValid(row) else {
                            if skipsNulls { continue }
                            valid = false
                            break
                        }
                        if pieces > 0 {
                            total += separator.count
                            if separator.count == 1 {
                                builder.appendPiece(byte: separator[0])
                            } else {
                                builder.appendPiece(separator)
                            }
                        }
                        let piece = operands[place].apply(views[place].bytes(row), scratch)
                        total += piece.count
                        if total > maximumBytes {
                            failed = true
                            return
                        }
                        builder.appendPiece(piece)
                        pieces += 1
                    }
                    if valid, pieces > 0 {
                        builder.endValue()
                    } else {
                        builder.abandonValue()
                        total = before
                    }
                }
            }
            if failed { throw tooLarge() }
            return builder.finish()
        }
    }
}

/// Views of several columns at once.
enum ColumnViews {
    /// Calls `body` with one view a column; they are valid inside it only.
    static func with<R, E: Error>(_ columns: [Column], _ body: ([ColumnView]) throws(E) -> R) throws(E) -> R {
        try collect(columns[...], [], body)
    }

    private static func collect<R, E: Error>(
        _ rest: ArraySlice<Column>, _ views: [ColumnView], _ body: ([ColumnView]) throws(E) -> R
    ) throws(E) -> R {
        guard let column = rest.first else { return try body(views) }
        return try column.withView { view throws(E) -> R in try collect(rest.dropFirst(), views + [view], body) }
    }
}
