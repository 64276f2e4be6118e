import Foundations
import TestSupport

/// Planted values that no check and no provider may see, and the search for them.
enum Canaries {
    /// Begins every token, whatever its case: what is searched for finds all of them, and parts of them too.
    static let prefix = "Zq7Kd9Wp"

    /// A token of letters and digits; the case changes with its number.
    static func token(_ number: Int) -> String {
        let text = prefix + "x\(number)" + String(number * 7919 + 13, radix: 36)
        switch number % 4 {
        case 1: return text.lowercased()
        case 2: return text.uppercased()
        case 3: return String(text.map { $0.isLowercase ? Character($0.uppercased()) : Character($0.lowercased()) })
        default: return text
        }
    }

    /// Looks like a phone number, and is as unique as a token.
    static func phone(_ number: Int) -> String { "+1 555 \(7_031_900 + number * 17)" }

    static let phonePrefix = "555 703"

    /// 160 canaries in 1,000 rows, of which 15 are ragged and 15 have no number where one is due.
    static func csv() -> (text: String, planted: Int) {
        var text = "id,full_name,email,phone,notes,nickname,amount,joined\n"
        var planted = 0
        func next() -> String {
            planted += 1
            return token(planted)
        }
        for row in 0..<1000 {
            var cells = [
                "\(row)", "Person Number \(row)", "p\(row)@example.com", "+44 20 7946 \(1000 + row)", "nothing to note",
                "",
                "\(row).50", "2020-01-\(10 + row % 19)",
            ]
            switch row {
            case 0..<30: cells[1] = "\(next()) Müller-Łukasz"
            case 30..<55: cells[2] = "\(next())@Example.COM"
            case 55..<75:
                planted += 1
                cells[3] = phone(planted)
            case 75..<105: cells[4] = "\"call „\(next())“, \"\"\(row)\"\" – ünïcödé\""
            case 105..<125: cells[5] = next()
            case 125..<140: cells = ["\(row)", next(), "too few"]
            case 140..<155: cells[6] = next()
            case 155..<160: cells[4] = "\"line one\nline two \(next())\""
            default: break
            }
            text += cells.joined(separator: ",") + "\n"
        }
        return (text, planted)
    }

    /// 40 canaries in a table: half as values, half where a NULL is now.
    static func sqlite() -> (sql: String, planted: Int) {
        var rows: [String] = []
        var planted = 0
        for row in 0..<200 {
            var name = "Person Number \(row)"
            var secret = "NULL"
            if row < 20 {
                planted += 1
                name = token(1000 + planted) + " O''Hara"
            } else if row < 40 {
                planted += 1
                secret = "'\(token(1000 + planted))'"
            }
            rows.append("(\(row), '\(name)', 'p\(row)@example.com', \(secret))")
        }
        let sql = """
            PRAGMA secure_delete = OFF;
            CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT, email TEXT, nickname TEXT);
            INSERT INTO people VALUES \(rows.joined(separator: ", "));
            UPDATE people SET nickname = NULL;
            """
        return (sql, planted)
    }

    // MARK: The search

    /// Every form in which a canary could be found: plain in any case, UTF-16, hexadecimal, base64 at any offset.
    private static let needles: (folded: [[UInt8]], exact: [[UInt8]]) = {
        let lower = prefix.lowercased()
        var folded: [[UInt8]] = [Array(lower.utf8), Array(phonePrefix.utf8)]
        let wide: [UInt8] = lower.utf8.flatMap { [$0, UInt8(0)] }
        // Both byte orders: what stands before or behind the zeros is no part of it.
        folded.append(Array(wide.dropLast()))
        var exact: [[UInt8]] = []
        let swapped = String(prefix.map { $0.isLowercase ? Character($0.uppercased()) : Character($0.lowercased()) })
        for form in [prefix, lower, prefix.uppercased(), swapped] {
            folded.append(Array(Hex.encode(Array(form.utf8)).utf8))
            for offset in 0..<3 { exact.append(base64Core(Array(form.utf8), behind: offset)) }
        }
        return (folded, exact)
    }()

    /// The characters of base64 that depend on `bytes` alone, when `offset` other bytes stand before them.
    private static func base64Core(_ bytes: [UInt8], behind offset: Int) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let all = [UInt8](repeating: 0, count: offset) + bytes
        let bits = all.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
        let first = (offset * 8 + 5) / 6
        return (first..<(bits.count / 6)).map { place in
            alphabet[bits[(place * 6)..<(place * 6 + 6)].reduce(0) { $0 << 1 | Int($1) }]
        }
    }

    /// Whether any canary is in the bytes, in any form.
    static func areIn(_ bytes: [UInt8]) -> Bool {
        let folded = bytes.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
        let isFolded = needles.folded.contains { Bytes.contains($0, in: folded) }
        return isFolded || needles.exact.contains { Bytes.contains($0, in: bytes) }
    }
}
