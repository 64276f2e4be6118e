internal import Foundations

/// The one text of a value: what is hashed, pseudonymised, previewed and written into text columns.
///
/// int64 in decimal, decimal with a point before its last `scale` digits, float64 as ECMAScript's shortest, bool `t` or `f`, date `YYYY-MM-DD`, timestamp
/// `YYYY-MM-DDTHH:MM:SS.ffffffZ`; text and binary as they are (docs/chunk-hash.md).
public enum ValueText {
    /// Appends the text of a valid value.
    @inline(__always)
    public static func write(_ view: ColumnView, row: Int, into out: inout [UInt8]) {
        switch view.type {
        case .text, .binary: out.append(contentsOf: view.bytes(row))
        case .int64: write(view.int64(row), into: &out)
        case .decimal(_, let scale): write(view.int64(row), scale: Int(scale), into: &out)
        case .float64: out.append(contentsOf: JSON.ecmaScript(view.float64(row)).utf8)
        case .bool: out.append(UInt8(ascii: view.bool(row) ? "t" : "f"))
        case .date: out.append(contentsOf: CivilTime.text(days: Int(view.date(row))).utf8)
        case .timestamp: out.append(contentsOf: CivilTime.text(microseconds: view.int64(row)).utf8)
        }
    }

    private static func write(_ value: Int64, scale: Int = 0, into out: inout [UInt8]) {
        if value < 0 { out.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        let start = out.count
        var places = 0
        repeat {
            if places == scale, places > 0 { out.append(UInt8(ascii: ".")) }
            out.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
            places += 1
        } while rest > 0 || places <= scale
        out[start...].reverse()
    }
}
