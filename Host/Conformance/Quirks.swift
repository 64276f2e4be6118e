public import Foundations
internal import PluginHost

/// What a plugin declares about itself for the suite: sources to read, and rules that it cannot keep, each with a reason.
///
/// Strict JSON in `conformance/ID.json` beside the manifest (docs/conformance.md); files that it names lie in the same
/// folder. A declined check is Skipped with that reason in the report: never silent.
public struct Quirks: Sendable {
    /// Handed to `create`; an object.
    public let config: JSON
    /// The table that connector checks read; the source's only one when nil.
    public let table: String?
    /// By well-known name.
    public let sources: [String: Source]
    /// How a provider's server answers; nil without endpoints.
    public let http: HTTP?
    /// Check ids with the reason why they do not apply.
    public let declined: [String: String]
    /// The folder of the document; nil without one.
    public let folder: String?
    /// SHA-256 of the document's bytes, for the report; nil without one.
    public let hash: SHA256.Digest?

    /// One source of a connector: how its bytes are made, and what must come out.
    public struct Source: Sendable {
        let recipe: Recipe
        /// In place of the document's.
        let config: JSON?
        let table: String?
        let expected: Expectation?
    }

    /// What a scan of a source must give.
    public struct Expectation: Sendable {
        struct Column: Sendable {
            let name: String
            let type: String
            /// One a row; nil when only the type counts.
            let values: [JSON]?
        }
        let columns: [Column]
        /// Types that the connector never emits, each with the reason.
        let absent: [String: String]
        /// Rows that must be rejected; nil when it does not matter.
        let rejects: Int?
    }

    /// A provider's call and the answers of its server.
    public struct HTTP: Sendable {
        public enum Call: String, Sendable, CaseIterable { case embed, infer, health }

        struct Answer: Sendable {
            /// The beginning of the path.
            let path: String
            let status: Int
            let headers: [String: String]
            let body: Recipe
        }
        let call: Call
        let model: String?
        /// For `infer`: a request in place of the suite's own, in which the text `{prompt}` stands for the prompt.
        let request: JSON?
        /// The first that fits is given.
        let answers: [Answer]
    }

    /// The names that a source may have.
    public static let sourceNames = [
        "sample", "types", "zero_rows", "nulls", "invalid_utf8", "large_cell", "drift", "many_rows",
    ]

    /// No quirks.
    public static let none = Quirks(
        config: [:], table: nil, sources: [:], http: nil, declined: [:], folder: nil, hash: nil)

    init(
        config: JSON, table: String?, sources: [String: Source], http: HTTP?, declined: [String: String],
        folder: String?, hash: SHA256.Digest?
    ) {
        self.config = config
        self.table = table
        self.sources = sources
        self.http = http
        self.declined = declined
        self.folder = folder
        self.hash = hash
    }

    /// The quirks at a path; none when there is no file.
    ///
    /// - Throws: `plugin.quirks` with every mistake by JSON pointer.
    init(path: String, kind: PluginManifest.Kind) throws(SluiceError) {
        let bytes: [UInt8]
        do throws(Files.Failure) { bytes = try Files.read(path, limit: 16 << 20) } catch {
            guard !Files.exists(path) else {
                throw SluiceError(.pluginQuirks, "The quirks \(Files.name(of: path)) cannot be read: \(error.reason).")
            }
            self = .none
            return
        }
        try self.init(bytes, name: Files.name(of: path), folder: Files.folder(of: path), kind: kind)
    }

    /// Groups of rules that hold for every plugin: none may decline them.
    static let undeclinable: Set<ConformanceCheck.Group> = [.sandbox, .package, .abi]
    /// Further rules that protect personal values and secrets.
    static let undeclinableChecks: Set<String> = ["check.canary", "provider.canary", "provider.secret_absent"]

    init(_ bytes: [UInt8], name: String, folder: String, kind: PluginManifest.Kind) throws(SluiceError) {
        let document: JSON
        do { document = try JSONParser.parseBytes(bytes) } catch {
            throw SluiceError(
                .pluginQuirks, "The quirks \(name) are not valid JSON: \(error.reason) at byte \(error.offset).")
        }
        let mistakes = MistakeList()
        let reader = JSONReader(document, mistakes: mistakes)
        _ = reader.int("quirks_version", in: 1...1)
        config = .object(reader.members("config", required: false) ?? [:])
        table = reader.string("table", required: false)
        var sources: [String: Source] = [:]
        if let list = reader.object("sources", required: false) {
            if kind != .connector, !list.keys.isEmpty { reader.mistake("sources", "only a connector has sources") }
            for key in Self.sourceNames where list.keys.contains(key) {
                if let source = list.object(key) { sources[key] = Source(source) }
            }
            list.finish()
        }
        self.sources = sources
        let http = reader.object("http", required: false)
        if http != nil, kind != .provider { reader.mistake("http", "only a provider asks servers") }
        self.http = http.map(HTTP.init)
        var declined: [String: String] = [:]
        if let list = reader.object("declined", required: false) {
            for id in list.keys {
                let reason = list.text(id)
                guard let check = try? ConformanceCheck.named(id) else {
                    let near = ConformanceCheck.nearest(id).map { "; is \($0) meant?" } ?? ""
                    list.mistake(id, "is no check of the suite\(near)")
                    continue
                }
                if Self.undeclinable.contains(check.group) || Self.undeclinableChecks.contains(id) {
                    list.mistake(id, "cannot be declined: its rule holds for every plugin")
                }
                declined[id] = reason
            }
        }
        self.declined = declined
        self.folder = folder
        hash = SHA256.hash(bytes)
        reader.finish()
        try mistakes.raise(.pluginQuirks, "The document \(name)")
    }
}

extension Quirks.Source {
    fileprivate init(_ reader: JSONReader) {
        config = reader.members("config", required: false).map(JSON.object)
        table = reader.string("table", required: false)
        expected = reader.object("expect", required: false).map(Quirks.Expectation.init)
        recipe = Recipe(reader)
        reader.finish()
    }
}

extension Quirks.Expectation {
    fileprivate init(_ reader: JSONReader) {
        var columns: [Column] = []
        if let list = reader.object("columns", required: false) {
            for name in list.keys {
                guard let column = list.object(name) else { continue }
                let type = column.choice("type", TypeName.self)?.rawValue ?? "text"
                columns.append(Column(name: name, type: type, values: column.array("values", required: false)))
                column.finish()
            }
        }
        self.columns = columns
        var absent: [String: String] = [:]
        if let list = reader.object("absent", required: false) {
            for type in TypeName.allCases where list.keys.contains(type.rawValue) {
                absent[type.rawValue] = list.text(type.rawValue)
            }
            list.finish()
        }
        self.absent = absent
        rejects = reader.int("rejects", required: false, in: 0...1_000_000).map { Int($0) }
        reader.finish()
    }
}

/// The types of columns, as quirks name them.
enum TypeName: String, CaseIterable {
    case bool, int64, float64, text, date, timestamp, binary
}

extension Quirks.HTTP {
    fileprivate init(_ reader: JSONReader) {
        call = reader.choice("call", Call.self, required: false) ?? .embed
        model = reader.text("model", required: false)
        request = reader.members("request", required: false).map(JSON.object)
        let stated = reader.objects("answers")
        if stated.count > ProberCheck.mostAnswers {
            reader.mistake("answers", "has \(stated.count) answers: \(ProberCheck.mostAnswers) are the most")
        }
        answers = stated.map { answer in
            let path = answer.text("path", required: false) ?? "/"
            let status = answer.int("status", required: false, in: 200...599).map { Int($0) } ?? 200
            var headers: [String: String] = [:]
            if let list = answer.object("headers", required: false) {
                for name in list.keys { headers[name] = list.string(name) }
            }
            let body = answer.object("body").map { body in
                let recipe = Recipe(body)
                body.finish()
                return recipe
            }
            answer.finish()
            return Answer(path: path, status: status, headers: headers, body: body ?? Recipe(parts: []))
        }
        reader.finish()
    }
}
