/// Collects what is wrong with a document, each place named by a JSON pointer (RFC 6901).
///
/// Not thread-safe; one list belongs to one document.
public final class MistakeList {
    public struct Mistake: Sendable, Equatable, CustomStringConvertible {
        public let pointer: String
        public let reason: String
        public var description: String { "\(pointer.isEmpty ? "/" : pointer): \(reason)" }
    }

    public private(set) var mistakes: [Mistake] = []

    public init() {}

    public func add(_ pointer: String, _ reason: String) { mistakes.append(Mistake(pointer: pointer, reason: reason)) }

    /// Throws an error that lists every mistake, or nothing when there is none.
    public func raise(_ kind: ErrorKind, _ document: String) throws(SluiceError) {
        guard !mistakes.isEmpty else { return }
        let listed = mistakes.prefix(50).map(\.description).joined(separator: "; ")
        let more = mistakes.count > 50 ? "; and \(mistakes.count - 50) more" : ""
        throw SluiceError(
            kind, "\(document) has \(mistakes.count) mistake\(mistakes.count == 1 ? "" : "s"): \(listed)\(more).")
    }
}

/// Reads one JSON object key by key; whatever was not read when `finish` is called is an unknown key.
public final class JSONReader {
    public let pointer: String
    private let members: [String: JSON]
    private let mistakes: MistakeList
    private var read: Set<String> = []
    /// Whether null stands for an optional member that is absent; else it is of the wrong form, like any other.
    private let nullIsAbsent: Bool

    /// A reader of a document that must be an object.
    ///
    /// - Parameter nullIsAbsent: false for documents in which what is absent is not what is null; holds for all below.
    public init(_ json: JSON, pointer: String = "", mistakes: MistakeList, nullIsAbsent: Bool = true) {
        self.pointer = pointer
        self.nullIsAbsent = nullIsAbsent
        self.mistakes = mistakes
        if case .object(let members) = json {
            self.members = members
        } else {
            members = [:]
            mistakes.add(pointer, "an object is expected")
        }
    }

    public static func escaped(_ key: String) -> String {
        key.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
            .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
    }

    private func place(_ key: String) -> String { "\(pointer)/\(Self.escaped(key))" }

    public func mistake(_ key: String, _ reason: String) { mistakes.add(place(key), reason) }

    public var keys: [String] { members.keys.sorted() }

    /// The member, or nil; a missing one is a mistake when it is required.
    public func value(_ key: String, required: Bool = true) -> JSON? {
        read.insert(key)
        guard let value = members[key] else {
            if required { mistake(key, "is missing") }
            return nil
        }
        return value
    }

    private func typed<T>(_ key: String, _ required: Bool, _ expected: String, _ convert: (JSON) -> T?) -> T? {
        guard let value = value(key, required: required) else { return nil }
        if value == .null && !required && nullIsAbsent { return nil }
        guard let converted = convert(value) else {
            mistake(key, "\(expected) is expected")
            return nil
        }
        return converted
    }

    public func string(_ key: String, required: Bool = true) -> String? {
        typed(key, required, "a string", \.stringValue)
    }

    /// A string that is not empty.
    public func text(_ key: String, required: Bool = true) -> String? {
        typed(key, required, "a string that is not empty") { $0.stringValue.flatMap { $0.isEmpty ? nil : $0 } }
    }

    public func bool(_ key: String, required: Bool = true) -> Bool? {
        typed(key, required, "true or false", \.boolValue)
    }

    public func int(_ key: String, required: Bool = true, in range: ClosedRange<Int64> = .min ... .max) -> Int64? {
        typed(
            key, required,
            range == .min ... .max ? "an integer" : "an integer from \(range.lowerBound) to \(range.upperBound)"
        ) {
            $0.intValue.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    public func double(_ key: String, required: Bool = true, in range: ClosedRange<Double>? = nil) -> Double? {
        typed(key, required, range.map { "a number from \($0.lowerBound) to \($0.upperBound)" } ?? "a number") {
            value in
            value.doubleValue.flatMap { range?.contains($0) ?? true ? $0 : nil }
        }
    }

    public func strings(_ key: String, required: Bool = true) -> [String]? {
        typed(key, required, "an array of strings") { value in
            guard let elements = value.arrayValue else { return nil }
            let strings = elements.compactMap(\.stringValue)
            return strings.count == elements.count ? strings : nil
        }
    }

    public func array(_ key: String, required: Bool = true) -> [JSON]? {
        typed(key, required, "an array", \.arrayValue)
    }

    /// One of the raw values of an enumeration.
    public func choice<T: RawRepresentable & CaseIterable>(_ key: String, _: T.Type, required: Bool = true) -> T?
    where T.RawValue == String {
        typed(key, required, "one of \(T.allCases.map(\.rawValue).joined(separator: ", "))") {
            $0.stringValue.flatMap(T.init(rawValue:))
        }
    }

    /// The members of an object whose keys are free.
    public func members(_ key: String, required: Bool = true) -> [String: JSON]? {
        typed(key, required, "an object", \.objectValue)
    }

    /// A reader of a member that must be an object.
    public func object(_ key: String, required: Bool = true) -> JSONReader? {
        guard let value = value(key, required: required), !(value == .null && !required && nullIsAbsent) else {
            return nil
        }
        return JSONReader(value, pointer: place(key), mistakes: mistakes, nullIsAbsent: nullIsAbsent)
    }

    /// Readers of an array of objects.
    public func objects(_ key: String, required: Bool = true) -> [JSONReader] {
        (array(key, required: required) ?? []).enumerated().map { index, element in
            JSONReader(
                element, pointer: "\(place(key))/\(index)", mistakes: mistakes, nullIsAbsent: nullIsAbsent)
        }
    }

    /// Names every key that was not read.
    public func finish() {
        for key in members.keys.sorted() where !read.contains(key) {
            let near = read.map { (distance: Self.distance($0, key), name: $0) }.filter { $0.distance <= 2 }.min(by: <)?
                .name
            mistake(key, "is not a known key" + (near.map { "; is \($0) meant?" } ?? ""))
        }
    }

    /// Levenshtein distance, for hints.
    public static func distance(_ a: String, _ b: String) -> Int {
        let a = Array(a.utf8)
        let b = Array(b.utf8)
        var row = Array(0...b.count)
        for i in a.indices {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let substituted = diagonal + (a[i] == b[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
            }
        }
        return row[b.count]
    }
}
