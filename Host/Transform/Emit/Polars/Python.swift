/// Python text: the one place where a user's text becomes a part of a program.
enum Python {
    /// A text as a literal of ASCII alone: nothing in it can end the literal, and no editor changes it.
    static func literal(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22, 0x5C: out += "\\" + String(scalar)
            case 0x20...0x7E: out.unicodeScalars.append(scalar)
            case 0...0xFF: out += "\\x" + padded(scalar.value, 2)
            case 0...0xFFFF: out += "\\u" + padded(scalar.value, 4)
            default: out += "\\U" + padded(scalar.value, 8)
            }
        }
        return out + "\""
    }

    private static func padded(_ value: UInt32, _ width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: width - digits.count) + digits
    }

    static func literal(_ value: EmittedValue) -> String {
        switch value {
        case .text(let text), .json(let text): literal(text)
        case .integer(let value): String(value)
        case .wide(let value): String(value)
        // Swift writes the shortest decimal that reads back as the same double; plans have no other doubles.
        case .float64(let value): "\(value)"
        case .texts(let texts): list(texts.map { $0.map { literal($0) } ?? "None" })
        case .integers(let values): list(values.map { String($0) })
        }
    }

    /// At most 12 members a line.
    private static func list(_ members: [String]) -> String {
        guard members.count > 12 else { return "[" + members.joined(separator: ", ") + "]" }
        let lines = stride(from: 0, to: members.count, by: 12).map { start in
            "        " + members[start..<min(start + 12, members.count)].joined(separator: ", ") + ",\n"
        }
        return "[\n" + lines.joined() + "    ]"
    }
}
