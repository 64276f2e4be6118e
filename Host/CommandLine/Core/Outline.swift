internal import Foundations

/// A JSON document as people read it: aligned names and values, tables where objects repeat, indents for the rest.
struct Outline {
    private let style: Style
    /// A table wider than this, or with more columns than eight, is shown object by object.
    private let tableWidth = 160

    init(_ style: Style) { self.style = style }

    func lines(_ json: JSON, indent: Int = 0) -> [Text] {
        switch json {
        case .object(let members): object(members, indent)
        case .array(let elements): array(elements, indent)
        default: [margin(indent) + scalar(json)]
        }
    }

    private func margin(_ indent: Int) -> Text { Text(verbatim: String(repeating: " ", count: indent)) }

    /// A value that fits on one line, or nil.
    private func short(_ json: JSON) -> Text? {
        switch json {
        case .object(let members): return members.isEmpty ? "none" : nil
        case .array(let elements):
            if elements.isEmpty { return "none" }
            if elements.contains(where: { $0.objectValue != nil || $0.arrayValue != nil }) { return nil }
            let text = Text.joined(elements.map(scalar))
            return text.width <= 100 ? text : nil
        default: return scalar(json)
        }
    }

    func scalar(_ json: JSON) -> Text {
        switch json {
        case .null: "-"
        case .bool(let value): value ? "yes" : "no"
        case .string(let value): value.isEmpty ? "\"\"" : Text(value)
        case .int(let value): Text(verbatim: String(value))
        default: Text(json.canonicalText)
        }
    }

    /// Keys stay as `--json` has them, so that a person can ask for them there.
    private func label(_ key: String) -> Text { Text(key).painted(.faint, style) }

    private func object(_ members: [String: JSON], _ indent: Int) -> [Text] {
        var table = Table(["", ""])
        var long: [(key: String, value: JSON)] = []
        for key in members.keys.sorted() {
            guard let value = members[key] else { continue }
            if let text = short(value) { table.add([label(key), text]) } else { long.append((key, value)) }
        }
        var lines = table.lines(style, indent: indent)
        for (key, value) in long {
            lines.append(margin(indent) + label(key))
            lines += self.lines(value, indent: indent + 2)
        }
        return lines
    }

    private func array(_ elements: [JSON], _ indent: Int) -> [Text] {
        if let table = table(elements, indent) { return table }
        return elements.flatMap { element -> [Text] in
            if let text = short(element) { return [margin(indent) + "- " + text] }
            var inner = lines(element, indent: indent + 2)
            // The first line of an element carries the dash in its indent.
            if let first = inner.first {
                let rest = Text(verbatim: String(first.raw.dropFirst(indent + 2)))
                inner[0] = margin(indent) + "- " + rest
            }
            return inner
        }
    }

    /// A table when every element is an object of short values and all fit.
    private func table(_ elements: [JSON], _ indent: Int) -> [Text]? {
        let objects = elements.compactMap(\.objectValue)
        guard objects.count == elements.count, objects.count > 1 else { return nil }
        let keys = Set(objects.flatMap(\.keys)).sorted()
        guard (1...8).contains(keys.count) else { return nil }
        let isNumber = keys.map { key in
            objects.allSatisfy { $0[key].map { $0.doubleValue != nil || $0 == .null } ?? true }
        }
        var table = Table(keys.map { Text($0) }, right: Set(isNumber.indices.filter { isNumber[$0] }))
        for object in objects {
            var row: [Text] = []
            for key in keys {
                guard let text = short(object[key] ?? .null) else { return nil }
                row.append(text)
            }
            table.add(row)
        }
        let lines = table.lines(style, indent: indent)
        return lines.contains { $0.width > tableWidth } ? nil : lines
    }
}
