internal import Foundations

/// The mistakes found so far; one list for a whole document.
final class Mistakes {
    private(set) var list: [String] = []
    /// Pointers of every key that was known where an object stood, for the test that each of them is held to a grant.
    fileprivate(set) var known: Set<String> = []
    /// After so many, the rest is only counted as one more line.
    static let maximum = 20

    func add(_ pointer: String, _ mistake: String) {
        guard list.count < Self.maximum else { return }
        list.append("\(pointer.isEmpty ? "the document" : pointer) \(mistake)")
    }
}

/// A place in a strict JSON document: reads what must be there and notes what is not, by JSON pointer (RFC 6901).
///
/// A place that is missing is noted once, where it is read; places below it stay silent.
struct ManifestNode {
    private let value: JSON?
    private let pointer: String
    private let mistakes: Mistakes

    init(_ value: JSON?, at pointer: String, _ mistakes: Mistakes) {
        self.value = value
        self.pointer = pointer
        self.mistakes = mistakes
    }

    /// The words for a key that no manifest has.
    static let unknownKey = "is an unknown key"

    func mistake(_ text: String) { mistakes.add(pointer, text) }

    private func expected(_ what: String) { if value != nil { mistake("must be \(what)") } }

    /// Notes unknown keys, and known ones that are missing unless they may be.
    func keys(_ known: [String], optional: [String] = []) {
        guard let members = value?.objectValue else { return expected("an object") }
        for key in known + optional { mistakes.known.insert(pointer + "/" + key) }
        for key in members.keys.sorted() where !known.contains(key) && !optional.contains(key) {
            mistakes.add(pointer + "/" + Self.escaped(key), Self.unknownKey)
        }
        for key in known where members[key] == nil { mistakes.add(pointer + "/" + key, "is missing") }
    }

    /// The member of an object; its absence was noted by `keys`.
    subscript(key: String) -> ManifestNode {
        ManifestNode(value?[key], at: pointer + "/" + Self.escaped(key), mistakes)
    }

    /// The member of an object that may be absent.
    func present(_ key: String) -> ManifestNode? { value?[key] == nil ? nil : self[key] }

    func bool() -> Bool {
        guard let value = value?.boolValue else {
            expected("true or false")
            return false
        }
        return value
    }

    func elements(_ count: ClosedRange<Int>) -> [ManifestNode] {
        guard let array = value?.arrayValue else {
            expected("an array")
            return []
        }
        guard count.contains(array.count) else {
            mistake("must have \(count.lowerBound) to \(count.upperBound) elements")
            return []
        }
        return array.enumerated().map { ManifestNode($1, at: "\(pointer)/\($0)", mistakes) }
    }

    func unique(_ names: [String], key: String?) {
        var seen: Set<String> = []
        for (place, name) in names.enumerated() where !seen.insert(name).inserted {
            mistakes.add("\(pointer)/\(place)" + (key.map { "/" + $0 } ?? ""), "stands there twice")
        }
    }

    func int(_ range: ClosedRange<Int>) -> Int {
        guard case .int(let number)? = value, range.contains(Int(number)) else {
            expected(
                range.count == 1
                    ? "\(range.lowerBound)" : "an integer from \(range.lowerBound) to \(range.upperBound)")
            return range.lowerBound
        }
        return Int(number)
    }

    func number(_ range: ClosedRange<Double>) -> Double {
        guard let number = value?.doubleValue, range.contains(number) else {
            expected("a number from \(range.lowerBound) to \(range.upperBound)")
            return range.lowerBound
        }
        return number
    }

    /// Text of so many bytes without control characters.
    func text(_ length: ClosedRange<Int>) -> String {
        guard let text = value?.stringValue, length.contains(text.utf8.count),
            !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            expected("text of \(length.lowerBound) to \(length.upperBound) bytes without control characters")
            return ""
        }
        return text
    }

    func matching(_ what: String, _ test: (String) -> Bool) -> String {
        guard let text = value?.stringValue, test(text) else {
            expected(what)
            return ""
        }
        return text
    }

    func choice(_ words: [String]) -> String? {
        guard let text = value?.stringValue, words.contains(text) else {
            expected("one of " + words.joined(separator: ", "))
            return nil
        }
        return text
    }

    func digest() -> SHA256.Digest {
        guard let text = value?.stringValue, text == text.lowercased(), let digest = SHA256.Digest(hex: text) else {
            expected("64 lower-case hexadecimal digits")
            return SHA256.hash([])
        }
        return digest
    }

    private static func escaped(_ key: String) -> String {
        var out = ""
        for character in key.prefix(80) {
            switch character {
            case "~": out += "~0"
            case "/": out += "~1"
            default: out.append(character)
            }
        }
        return out
    }
}
