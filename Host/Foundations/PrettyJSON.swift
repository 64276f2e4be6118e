/// JSON as a person reads and compares it: two spaces an indent, members in a given order, the rest by name.
public enum PrettyJSON {
    /// - Parameter order: the members that come first, at every level.
    public static func bytes(_ json: JSON, order: [String] = []) -> [UInt8] {
        var text = ""
        write(json, order, "", &text)
        return Array((text + "\n").utf8)
    }

    private static func write(_ json: JSON, _ order: [String], _ margin: String, _ text: inout String) {
        let inner = margin + "  "
        switch json {
        case .object(let members) where !members.isEmpty:
            let first = order.filter { members[$0] != nil }
            let keys = first + members.keys.filter { !first.contains($0) }.sorted()
            text += "{\n"
            for (place, key) in keys.enumerated() {
                text += inner + JSON.string(key).canonicalText + ": "
                write(members[key] ?? .null, order, inner, &text)
                text += place + 1 < keys.count ? ",\n" : "\n"
            }
            text += margin + "}"
        case .array(let elements) where elements.contains { $0.objectValue != nil || $0.arrayValue != nil }:
            text += "[\n"
            for (place, element) in elements.enumerated() {
                text += inner
                write(element, order, inner, &text)
                text += place + 1 < elements.count ? ",\n" : "\n"
            }
            text += margin + "]"
        default: text += json.canonicalText
        }
    }
}
