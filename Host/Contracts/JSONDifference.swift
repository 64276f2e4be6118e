public import Foundations

/// One place in which two JSON documents differ.
public struct JSONChange: Sendable, Equatable {
    /// JSON Pointer (RFC 6901); empty for the whole document.
    public let path: String
    /// nil where the place is new.
    public let old: JSON?
    /// nil where the place is gone.
    public let new: JSON?

    /// `{path, old?, new?}`.
    public var json: JSON { .members(["path": .string(path), "old": old, "new": new]) }
}

/// In what two JSON documents differ, member by member. Lists are compared whole: one that differs is one change.
public enum JSONDifference {
    /// - Returns: the changes, by path; empty when both have the same canonical text.
    public static func changes(from old: JSON, to new: JSON) -> [JSONChange] { changes(old, new, at: "") }

    private static func changes(_ old: JSON, _ new: JSON, at path: String) -> [JSONChange] {
        guard case .object(let before) = old, case .object(let now) = new else {
            return old.canonicalText == new.canonicalText ? [] : [JSONChange(path: path, old: old, new: new)]
        }
        return Set(before.keys).union(now.keys).sorted().flatMap { key -> [JSONChange] in
            let inner = path + "/" + escaped(key)
            guard let was = before[key], let becomes = now[key] else {
                return [JSONChange(path: inner, old: before[key], new: now[key])]
            }
            return changes(was, becomes, at: inner)
        }
    }

    private static func escaped(_ key: String) -> String {
        var text = ""
        for sign in key {
            switch sign {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.append(sign)
            }
        }
        return text
    }
}
