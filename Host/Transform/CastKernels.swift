internal import Columnar
internal import Foundations

/// Steps that change the type, a column at a time.
enum CastKernels {
    /// Makes values of text.
    static func parse(
        _ operand: Operand, _ column: Column, _ target: PlanProgram.Target, emptyIsError: Bool, _ scratch: Scratch,
        _ failures: inout Failures
    ) -> Column {
        column.withView { view in
            var builder = ColumnBuilder(target.type, capacity: view.count)
            let cells = Cells(view: view, operand: operand, scratch: scratch, emptyIsError: emptyIsError)
            switch target {
            case .int64:
                var value: Int64 = 0
                parse(cells, &builder, &failures) {
                    TextGuard.int64($0, &value)
                } _: {
                    $0.append(int64: value)
                }
            case .float64:
                var value = 0.0
                parse(cells, &builder, &failures) {
                    TextGuard.float64($0, &value)
                } _: {
                    $0.append(float64: value)
                }
            case .bool:
                var value = false
                parse(cells, &builder, &failures) {
                    TextGuard.bool($0, &value)
                } _: {
                    $0.append(bool: value)
                }
            case .date:
                var value: Int32 = 0
                parse(cells, &builder, &failures) {
                    TextGuard.date($0, &value)
                } _: {
                    $0.append(date: value)
                }
            case .timestamp:
                var value: Int64 = 0
                parse(cells, &builder, &failures) {
                    TextGuard.timestamp($0, &value)
                } _: {
                    $0.append(int64: value)
                }
            case .pattern(let patterns, let type):
                var value: Int64 = 0
                let reason: Reason = type == .date ? .notDate : .notTimestamp
                parse(cells, &builder, &failures) { bytes in
                    for pattern in patterns {
                        if let found = pattern.parse(bytes) {
                            value = found
                            return nil
                        }
                    }
                    return reason
                } _: {
                    if type == .date {
                        // A pattern of a date has no time: whole days within the calendar's years.
                        $0.append(date: Int32(truncatingIfNeeded: value / 86_400_000_000))
                    } else {
                        $0.append(int64: value)
                    }
                }
            }
            return builder.finish()
        }
    }

    private struct Cells {
        let view: ColumnView
        let operand: Operand
        let scratch: Scratch
        let emptyIsError: Bool
    }

    @inline(__always)
    private static func parse(
        _ cells: Cells, _ builder: inout ColumnBuilder, _ failures: inout Failures,
        _ read: (UnsafeRawBufferPointer) -> Reason?, _ append: (inout ColumnBuilder) -> Void
    ) {
        let isPlain = cells.operand.chain.isEmpty
        for row in 0..<cells.view.count {
            guard cells.view.isValid(row) else {
                builder.appendNull()
                continue
            }
            let raw = cells.view.bytes(row)
            let bytes = isPlain ? raw : cells.operand.apply(raw, cells.scratch)
            if bytes.count == 0 {
                if cells.emptyIsError { failures.add(row, .empty) }
                builder.appendNull()
            } else if let reason = read(bytes) {
                failures.add(row, reason)
                builder.appendNull()
            } else {
                append(&builder)
            }
        }
    }

    /// Makes text of values.
    ///
    /// NaN and infinities are NOT_NUMBER; a date or timestamp outside the years 0001–9999 is OVERFLOW.
    static func format(
        _ column: Column, from type: ColumnType, _ failures: inout Failures
    ) throws(SluiceError) -> Column {
        // At most 27 bytes a value: no batch of fewer rows than this can exceed the offsets.
        guard column.count <= TextKernels.maximumBytes / 32 else { throw TextKernels.tooLarge() }
        return column.withView { view in
            var builder = ColumnBuilder(.text, capacity: view.count, valueBytes: view.count * 12)
            withUnsafeTemporaryAllocation(byteCount: ValueText.capacity, alignment: 8) { buffer in
                // The buffer has `capacity` bytes, so that it has a base.
                guard let out = buffer.baseAddress else { return }
                for row in 0..<view.count {
                    guard view.isValid(row) else {
                        builder.appendNull()
                        continue
                    }
                    let count: Int
                    switch type {
                    case .int64: count = ValueText.int64(view.int64(row), out)
                    case .float64:
                        let value = view.float64(row)
                        guard value.isFinite else {
                            failures.add(row, .notNumber)
                            builder.appendNull()
                            continue
                        }
                        count = ValueText.float64(value, out)
                    case .bool: count = ValueText.bool(view.bool(row), out)
                    case .date:
                        let day = view.date(row)
                        guard Calendar.holds(day: day) else {
                            failures.add(row, .overflow)
                            builder.appendNull()
                            continue
                        }
                        count = ValueText.date(Int(day), out)
                    default:
                        let time = view.int64(row)
                        guard Calendar.holds(microseconds: time) else {
                            failures.add(row, .overflow)
                            builder.appendNull()
                            continue
                        }
                        count = ValueText.timestamp(time, out)
                    }
                    builder.append(bytes: UnsafeRawBufferPointer(start: out, count: count))
                }
            }
            return builder.finish()
        }
    }

    /// int64 to float64 where the number is the same; otherwise OVERFLOW.
    static func widen(_ column: Column, _ failures: inout Failures) -> Column {
        column.withView { view in
            var builder = ColumnBuilder(.float64, capacity: view.count)
            for row in 0..<view.count {
                guard view.isValid(row) else {
                    builder.appendNull()
                    continue
                }
                let value = view.int64(row)
                if let exact = Double(exactly: value) {
                    builder.append(float64: exact)
                } else {
                    failures.add(row, .overflow)
                    builder.appendNull()
                }
            }
            return builder.finish()
        }
    }
}
