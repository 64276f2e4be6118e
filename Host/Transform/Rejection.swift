internal import Foundations

/// Words for a plan that is refused: where, why, and the nearest allowed form.
enum Rejection {
    /// DSL_REJECT at a JSON pointer into the plan.
    static func error(_ target: String?, _ pointer: String, _ what: String, allowed: String) -> SluiceError {
        let plan = target.map { "The plan for column \(quoted($0))" } ?? "The plan"
        let place = pointer.isEmpty ? "the root" : pointer
        return SluiceError(.dslRejected, "\(plan) is rejected at \(place): \(what).", hint: allowed)
    }

    /// DSL_REJECT at a JSON pointer into a program.
    static func document(_ pointer: String, _ what: String, _ allowed: String) -> SluiceError {
        let place = pointer.isEmpty ? "the root" : pointer
        return SluiceError(.dslRejected, "The program is rejected at \(place): \(what).", hint: allowed)
    }

    /// Text of the plan's author inside a message: at most 64 scalars, none of them a control.
    static func quoted(_ text: String) -> String {
        var out = "\""
        for (place, scalar) in text.unicodeScalars.enumerated() {
            if place == 64 { return out + "…\"" }
            out.unicodeScalars.append(scalar.value < 0x20 || scalar.value == 0x7F ? "\u{FFFD}" : scalar)
        }
        return out + "\""
    }

    /// A key as a part of a JSON pointer (RFC 6901).
    static func token(_ key: String) -> String {
        var out = ""
        for scalar in key.unicodeScalars.prefix(64) {
            switch scalar {
            case "~": out += "~0"
            case "/": out += "~1"
            default: out.unicodeScalars.append(scalar.value < 0x20 ? "\u{FFFD}" : scalar)
            }
        }
        return out
    }

    /// `Nearest: "trim". Allowed: …`, or what is allowed when nothing is near.
    static func nearest(_ text: String, of allowed: [String]) -> String {
        let list = "Allowed: " + allowed.prefix(40).map(quoted).joined(separator: ", ") + "."
        return near(text, of: allowed).map { "Nearest allowed form: \(quoted($0)). " + list } ?? list
    }

    /// The one that differs least, unless all differ much.
    static func near(_ text: String, of allowed: [String]) -> String? {
        let near = allowed.map { (distance(text, $0), $0) }.min { $0.0 < $1.0 }
        guard let near, near.0 <= max(2, near.1.utf8.count / 2) else { return nil }
        return near.1
    }

    /// Levenshtein's distance over the first 64 bytes, letters of one case.
    private static func distance(_ a: String, _ b: String) -> Int {
        let a = a.lowercased().utf8.prefix(64)
        let b = Array(b.lowercased().utf8.prefix(64))
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var corner = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let next = min(row[j + 1] + 1, row[j] + 1, corner + (x == y ? 0 : 1))
                corner = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[b.count]
    }
}
