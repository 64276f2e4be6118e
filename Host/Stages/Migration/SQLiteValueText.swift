internal import Columnar
internal import Databases
internal import Foundations

/// How dates and timestamps are written into SQLite, and read back.
///
/// A date is `YYYY-MM-DD`; a timestamp is `YYYY-MM-DD HH:MM:SS` in UTC, with `.ffffff` when it has a fraction:
/// the forms of SQLite's own date functions.
enum SQLiteValueText {
    /// Bytes of the longest form.
    static let width = 32

    /// Days of 0001-01-01 and 9999-12-31: what four digits of a year can say.
    static let days = -719_162...2_932_896

    /// Writes a date or timestamp into `room` (at least `width` bytes) and gives back what was written; nil when the
    /// year is outside 1…9999.
    static func write(_ view: ColumnView, row: Int, into room: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer?
    {
        if view.type == .date {
            guard days.contains(Int(view.date(row))) else { return nil }
            writeDate(Int(view.date(row)), into: room)
            return UnsafeRawBufferPointer(rebasing: room[..<10])
        }
        let value = view.int64(row)
        let day: Int64 = 86_400_000_000
        let time = ((value % day) + day) % day
        let date = Int(value / day) - (value % day < 0 ? 1 : 0)
        guard days.contains(date) else { return nil }
        writeDate(date, into: room)
        let seconds = Int(time / 1_000_000)
        room[10] = UInt8(ascii: " ")
        put(seconds / 3600, 2, room, 11)
        room[13] = UInt8(ascii: ":")
        put(seconds / 60 % 60, 2, room, 14)
        room[16] = UInt8(ascii: ":")
        put(seconds % 60, 2, room, 17)
        let fraction = Int(time % 1_000_000)
        guard fraction != 0 else { return UnsafeRawBufferPointer(rebasing: room[..<19]) }
        room[19] = UInt8(ascii: ".")
        put(fraction, 6, room, 20)
        return UnsafeRawBufferPointer(rebasing: room[..<26])
    }

    private static func writeDate(_ days: Int, into room: UnsafeMutableRawBufferPointer) {
        let (year, month, day) = CivilTime.date(days: days)
        put(year, 4, room, 0)
        room[4] = UInt8(ascii: "-")
        put(month, 2, room, 5)
        room[7] = UInt8(ascii: "-")
        put(day, 2, room, 8)
    }

    private static func put(_ value: Int, _ width: Int, _ room: UnsafeMutableRawBufferPointer, _ at: Int) {
        var rest = value
        for place in stride(from: at + width - 1, through: at, by: -1) {
            room[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    /// Days of `YYYY-MM-DD`, or nil.
    static func days(_ text: String) -> Int32? {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, let year = number(bytes, 0, 4), let month = number(bytes, 5, 2),
            let day = number(bytes, 8, 2),
            CivilTime.isValid(year: year, month: month, day: day)
        else { return nil }
        return Int32(CivilTime.days(year: year, month: month, day: day))
    }

    /// Microseconds of a timestamp as written above, or nil.
    static func microseconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 19 || bytes.count == 26, let days = days(String(decoding: bytes[..<10], as: UTF8.self)),
            let hour = number(bytes, 11, 2), let minute = number(bytes, 14, 2), let second = number(bytes, 17, 2)
        else { return nil }
        let fraction = bytes.count == 26 ? number(bytes, 20, 6) ?? 0 : 0
        return (Int64(days) * 86400 + Int64(hour * 3600 + minute * 60 + second)) * 1_000_000 + Int64(fraction)
    }

    private static func number(_ bytes: [UInt8], _ at: Int, _ width: Int) -> Int? {
        var value = 0
        for byte in bytes[at..<(at + width)] {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }
}

/// A builder in a class, so that an array of builders can be filled column by column.
final class BuilderBox {
    private var builder: ColumnBuilder?
    private let type: ColumnType

    init(_ type: ColumnType, capacity: Int) {
        self.type = type
        builder = ColumnBuilder(type, capacity: capacity)
    }

    /// The value of a result column as the type that was written; what cannot be that type becomes a null, and the
    /// checksum shows it.
    func append(_ statement: SQLiteStatement, column: Int) {
        guard !statement.isNull(column) else {
            builder?.appendNull()
            return
        }
        switch type {
        case .int64, .decimal: builder?.append(int64: statement.int(column))
        case .float64: builder?.append(float64: statement.double(column))
        case .bool: builder?.append(bool: statement.int(column) != 0)
        case .text: statement.withText(column) { builder?.append(bytes: $0) }
        case .binary:
            (statement.blob(column) ?? []).withUnsafeBytes { builder?.append(bytes: $0) }
        case .date:
            if let days = SQLiteValueText.days(statement.text(column) ?? "") {
                builder?.append(date: days)
            } else {
                builder?.appendNull()
            }
        case .timestamp:
            if let value = SQLiteValueText.microseconds(statement.text(column) ?? "") {
                builder?.append(int64: value)
            } else {
                builder?.appendNull()
            }
        }
    }

    func finish() -> Column {
        let done = builder.take() ?? ColumnBuilder(type)
        return done.finish()
    }
}
