/// A JSON Schema of the subset that answers of models are bound by (JSON Schema 2020-12).
///
/// Keywords: `type`, `enum`, `const`, `properties`, `required`, `additionalProperties`, `items`, `prefixItems`,
/// `minItems`, `maxItems`, `minimum`, `maximum`, `minLength`, `maxLength`, `anyOf`; `$schema`, `title` and `description`
/// say nothing. There is no `$ref`: a schema is a tree, and every value is held against each node of it at most once.
public struct JSONSchema: Sendable {
    /// Why a document is no schema of this subset.
    public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// JSON pointer (RFC 6901) into the schema.
        public let pointer: String
        public let reason: String
        public var description: String { "\(pointer.isEmpty ? "/" : pointer): \(reason)" }
    }

    /// One rule that a value breaks. Neither part holds anything of the value: names that the schema does not know are
    /// `*` in the pointer.
    public struct Violation: Sendable, Equatable, CustomStringConvertible {
        public let pointer: String
        /// Such as `type: string` or `required: domain`.
        public let rule: String
        public var description: String { "\(pointer.isEmpty ? "/" : pointer): \(rule)" }
    }

    /// Deepest nesting of schemas in each other.
    public static let maximumDepth = 32

    private let root: Node

    /// - Throws: `Failure` for a keyword that is not known, or one whose value is of the wrong form.
    public init(_ document: JSON) throws(Failure) { root = try Reader().node(document, at: "", depth: 0) }

    public func isValid(_ value: JSON) -> Bool { root.accepts(value) }

    /// The rules that a value breaks, in the order of the schema; empty when it is valid.
    ///
    /// - Parameter limit: no more than so many are looked for; a value that is wrong in a million places costs no more.
    public func violations(of value: JSON, limit: Int = 20) -> [Violation] {
        var found = Findings(limit: max(1, limit))
        root.check(value, at: [], &found)
        return found.violations
    }
}

extension JSONSchema {
    fileprivate enum TypeName: String, CaseIterable {
        case null, boolean, integer, number, string, array, object

        func holds(_ value: JSON) -> Bool {
            switch (self, value) {
            case (.null, .null), (.boolean, .bool), (.string, .string), (.array, .array), (.object, .object): true
            case (.number, .int), (.number, .double), (.integer, .int): true
            // 1.0 is an integer, however large.
            case (.integer, .double(let number)): number.isFinite && number == number.rounded()
            default: false
            }
        }
    }

    fileprivate struct Findings {
        let limit: Int
        var violations: [Violation] = []
        var isFull: Bool { violations.count >= limit }

        mutating func add(_ path: [String], _ rule: String) {
            guard !isFull else { return }
            violations.append(
                Violation(pointer: path.map { "/" + JSONReader.escaped($0) }.joined(), rule: rule))
        }
    }

    /// One schema; what is nil or empty does not restrict. `indirect` by its arrays.
    fileprivate struct Node: Sendable {
        /// The schema `false`.
        var isNever = false
        var types: [TypeName] = []
        var values: [JSON]?
        var constant: JSON?
        /// In alphabetical order.
        var properties: [(name: String, node: Node)] = []
        var required: [String] = []
        /// What members without a schema of their own are held against: none or one.
        var others: [Node] = []
        var prefix: [Node] = []
        /// What elements behind `prefix` are held against: none or one.
        var items: [Node] = []
        var branches: [Node] = []
        var lengths = Bounds()
        var counts = Bounds()
        var minimum: JSON?
        var maximum: JSON?

        struct Bounds {
            var least: Int64?
            var most: Int64?
        }

        func accepts(_ value: JSON) -> Bool {
            var found = Findings(limit: 1)
            check(value, at: [], &found)
            return found.violations.isEmpty
        }

        func check(_ value: JSON, at path: [String], _ found: inout Findings) {
            guard !found.isFull else { return }
            if isNever { return found.add(path, "false: nothing is allowed here") }
            if !types.isEmpty, !types.contains(where: { $0.holds(value) }) {
                return found.add(path, "type: " + types.map(\.rawValue).joined(separator: " or "))
            }
            if let values, !values.contains(where: { JSONSchema.equal($0, value) }) {
                found.add(path, "enum: one of \(values.count) values")
            }
            if let constant, !JSONSchema.equal(constant, value) { found.add(path, "const") }
            switch value {
            case .string(let text): check(text, at: path, &found)
            case .int, .double: checkNumber(value, at: path, &found)
            case .array(let elements): check(elements, at: path, &found)
            case .object(let members): check(members, at: path, &found)
            case .null, .bool: break
            }
            if !branches.isEmpty, !found.isFull, !branches.contains(where: { $0.accepts(value) }) {
                found.add(path, "anyOf: none of \(branches.count) forms")
            }
        }

        private func check(_ text: String, at path: [String], _ found: inout Findings) {
            guard lengths.least != nil || lengths.most != nil else { return }
            let length = Int64(text.unicodeScalars.count)
            if let least = lengths.least, length < least { found.add(path, "minLength: \(least)") }
            if let most = lengths.most, length > most { found.add(path, "maxLength: \(most)") }
        }

        private func checkNumber(_ value: JSON, at path: [String], _ found: inout Findings) {
            if let minimum, JSONSchema.isLess(value, minimum) { found.add(path, "minimum: \(minimum.canonicalText)") }
            if let maximum, JSONSchema.isLess(maximum, value) { found.add(path, "maximum: \(maximum.canonicalText)") }
        }

        private func check(_ elements: [JSON], at path: [String], _ found: inout Findings) {
            if let least = counts.least, Int64(elements.count) < least { found.add(path, "minItems: \(least)") }
            if let most = counts.most, Int64(elements.count) > most { found.add(path, "maxItems: \(most)") }
            guard !prefix.isEmpty || !items.isEmpty else { return }
            for (place, element) in elements.enumerated() {
                guard !found.isFull, let node = place < prefix.count ? prefix[place] : items.first else { return }
                node.check(element, at: path + ["\(place)"], &found)
            }
        }

        private func check(_ members: [String: JSON], at path: [String], _ found: inout Findings) {
            for name in required where members[name] == nil { found.add(path, "required: \(name)") }
            for (name, node) in properties {
                if let member = members[name] { node.check(member, at: path + [name], &found) }
            }
            guard let other = others.first, !found.isFull else { return }
            let known = Set(properties.map(\.name))
            let strange = members.keys.filter { !known.contains($0) }
            guard !strange.isEmpty else { return }
            if other.isNever { return found.add(path, "additionalProperties: \(strange.count) unknown") }
            for name in strange.sorted() where !found.isFull {
                if let member = members[name] { other.check(member, at: path + ["*"], &found) }
            }
        }
    }

    // MARK: Values

    /// Equality of JSON Schema: 1 and 1.0 are one number, and texts are the same scalar by scalar.
    fileprivate static func equal(_ a: JSON, _ b: JSON) -> Bool {
        switch (a, b) {
        case (.string(let a), .string(let b)): return a.utf8.elementsEqual(b.utf8)
        case (.int, .int), (.int, .double), (.double, .int), (.double, .double): return !isLess(a, b) && !isLess(b, a)
        case (.array(let a), .array(let b)): return a.count == b.count && zip(a, b).allSatisfy { equal($0, $1) }
        case (.object(let a), .object(let b)):
            return a.count == b.count && a.allSatisfy { name, value in b[name].map { equal(value, $0) } ?? false }
        default: return a == b
        }
    }

    /// Exact also where a double does not hold the integer; false for what is no number.
    fileprivate static func isLess(_ a: JSON, _ b: JSON) -> Bool {
        switch (a, b) {
        case (.int(let a), .int(let b)): a < b
        case (.double(let a), .double(let b)): a < b
        case (.int(let a), .double(let b)):
            b >= 0x1p63 ? true : b < -0x1p63 ? false : a < Int64(b) || (a == Int64(b) && b > b.rounded(.towardZero))
        case (.double(let a), .int(let b)):
            a >= 0x1p63 ? false : a < -0x1p63 ? true : Int64(a) < b || (Int64(a) == b && a < a.rounded(.towardZero))
        default: false
        }
    }
}

// MARK: - Reading

/// Reads one schema document; strict.
private struct Reader {
    private static let keywords: Set<String> = [
        "$schema", "title", "description", "type", "enum", "const", "properties", "required", "additionalProperties",
        "items", "prefixItems", "minItems", "maxItems", "minimum", "maximum", "minLength", "maxLength", "anyOf",
    ]

    func node(_ json: JSON, at pointer: String, depth: Int) throws(JSONSchema.Failure) -> JSONSchema.Node {
        func failure(_ key: String?, _ reason: String) -> JSONSchema.Failure {
            let place = key.map { "\(pointer)/\(JSONReader.escaped($0))" } ?? pointer
            return JSONSchema.Failure(pointer: place, reason: reason)
        }
        guard depth <= JSONSchema.maximumDepth else {
            throw failure(nil, "it is nested deeper than \(JSONSchema.maximumDepth)")
        }
        var node = JSONSchema.Node()
        if let allows = json.boolValue {
            node.isNever = !allows
            return node
        }
        guard let members = json.objectValue else { throw failure(nil, "a schema is an object, true or false") }
        for key in members.keys.sorted() where !Self.keywords.contains(key) {
            throw failure(key, "is not a known keyword")
        }
        func strings(_ key: String) throws(JSONSchema.Failure) -> [String] {
            guard let value = members[key] else { return [] }
            let texts = (value.arrayValue ?? []).compactMap(\.stringValue)
            guard let all = value.arrayValue, texts.count == all.count, Set(texts).count == texts.count else {
                throw failure(key, "an array of different strings is expected")
            }
            return texts
        }
        func count(_ key: String) throws(JSONSchema.Failure) -> Int64? {
            guard let value = members[key] else { return nil }
            guard let number = value.intValue, number >= 0 else {
                throw failure(key, "an integer that is not negative is expected")
            }
            return number
        }
        func number(_ key: String) throws(JSONSchema.Failure) -> JSON? {
            guard let value = members[key] else { return nil }
            guard value.doubleValue != nil else { throw failure(key, "a number is expected") }
            return value
        }
        func child(_ json: JSON, _ path: String) throws(JSONSchema.Failure) -> JSONSchema.Node {
            try self.node(json, at: "\(pointer)/\(path)", depth: depth + 1)
        }
        func children(_ key: String) throws(JSONSchema.Failure) -> [JSONSchema.Node] {
            guard let value = members[key] else { return [] }
            guard let list = value.arrayValue, !list.isEmpty else {
                throw failure(key, "an array of schemas that is not empty is expected")
            }
            var nodes: [JSONSchema.Node] = []
            for (place, json) in list.enumerated() { nodes.append(try child(json, "\(key)/\(place)")) }
            return nodes
        }
        let single = members["type"]?.stringValue
        for name in single == nil ? try strings("type") : [single ?? ""] {
            guard let type = JSONSchema.TypeName(rawValue: name) else { throw failure("type", "is not a known type") }
            node.types.append(type)
        }
        if members["type"] != nil, node.types.isEmpty { throw failure("type", "no type is named") }
        if let values = members["enum"] {
            guard let list = values.arrayValue, !list.isEmpty else {
                throw failure("enum", "an array that is not empty is expected")
            }
            node.values = list
        }
        node.constant = members["const"]
        if let value = members["properties"] {
            guard let properties = value.objectValue else { throw failure("properties", "an object is expected") }
            for (name, json) in properties.sorted(by: { $0.key < $1.key }) {
                node.properties.append((name, try child(json, "properties/\(JSONReader.escaped(name))")))
            }
        }
        node.required = try strings("required")
        if let json = members["additionalProperties"] { node.others = [try child(json, "additionalProperties")] }
        if let json = members["items"] { node.items = [try child(json, "items")] }
        node.prefix = try children("prefixItems")
        node.branches = try children("anyOf")
        node.counts = .init(least: try count("minItems"), most: try count("maxItems"))
        node.lengths = .init(least: try count("minLength"), most: try count("maxLength"))
        node.minimum = try number("minimum")
        node.maximum = try number("maximum")
        return node
    }
}
