internal import Foundations

/// One semantic type of the catalog (ROADMAP §8).
public struct Domain: Sendable {
    public let id: String
    public let title: String
    /// Whether its values are personal data.
    public let isPersonal: Bool
    /// Physical types that its columns may have, by name.
    public let types: Set<String>
    public let aliases: [String]
    public let negatives: [String]
    let pattern: Pattern?
    /// How discriminating the pattern is, 0…1.
    public let patternStrength: Double
    let checkDigit: CheckDigit?
    public let units: [String]
    /// Accepted codes, lower case; nil when the domain is open.
    let codes: Set<String>?
    /// Names that are common in it, lower case.
    let dictionary: Set<String>?
    let range: ClosedRange<Double>?
}

/// The domain catalog: what columns may mean. Versioned; a run is pinned to one version.
public struct DomainCatalog: Sendable {
    public let version: String
    public let domains: [Domain]
    /// `version+hash`: what artifacts record.
    public let reference: String

    public subscript(id: String) -> Domain? { domains.first { $0.id == id } }

    init(_ document: JSON, lists: String) throws(SluiceError) {
        let mistakes = MistakeList()
        let reader = JSONReader(document, mistakes: mistakes)
        let version = reader.text("catalog_version") ?? ""
        var seen: Set<String> = []
        var domains: [Domain] = []
        for entry in reader.objects("domains") {
            let id = entry.text("id") ?? ""
            if !seen.insert(id).inserted { entry.mistake("id", "stands twice") }
            domains.append(Self.domain(id, entry, lists: lists))
        }
        reader.finish()
        try mistakes.raise(.registryInvalid, "The domain catalog")
        self.version = version
        self.domains = domains
        // The lists decide what is a listed code: they are part of the version.
        var hasher = SHA256()
        hasher.update(document.canonicalBytes)
        for name in (try? Files.list(lists)) ?? [] {
            hasher.update(Array("\n\(name)\n".utf8))
            hasher.update((try? Files.read("\(lists)/\(name)", limit: 1 << 24)) ?? [])
        }
        reference = "\(version)+\(hasher.digest().hex.prefix(12))"
    }

    private static func domain(_ id: String, _ entry: JSONReader, lists: String) -> Domain {
        let title = entry.text("title") ?? ""
        let personal = entry.bool("pii") ?? true
        _ = entry.bool("atomic")
        let types = Set(entry.strings("types") ?? [])
        let aliases = entry.strings("aliases") ?? []
        let negatives = entry.strings("negatives") ?? []
        var pattern: Pattern?
        if let text = entry.text("regex", required: false) {
            do { pattern = try Pattern(text) } catch { entry.mistake("regex", error.reason) }
        }
        let strength = entry.double("regex_strength", in: 0...1) ?? 0
        var checkDigit: CheckDigit?
        if let name = entry.text("check_digit", required: false) {
            checkDigit = CheckDigit(rawValue: name)
            if checkDigit == nil {
                entry.mistake("check_digit", "one of \(CheckDigit.allCases.map(\.rawValue)) is expected")
            }
        }
        let units = entry.strings("units", required: false) ?? []
        var codes = entry.strings("values", required: false).map { Set($0.map { $0.lowercased() }) }
        if let name = entry.text("values_list", required: false) {
            if let list = Self.list(name, lists) {
                codes = (codes ?? []).union(list)
            } else {
                entry.mistake("values_list", "the list cannot be read")
            }
        }
        var dictionary: Set<String>?
        if let name = entry.text("dictionary", required: false) {
            dictionary = Self.list(name, lists)
            if dictionary == nil { entry.mistake("dictionary", "the list cannot be read") }
        }
        var range: ClosedRange<Double>?
        if let ends = entry.array("range", required: false)?.compactMap(\.doubleValue), ends.count == 2,
            ends[0] <= ends[1]
        {
            range = ends[0]...ends[1]
        }
        _ = entry.array("examples")
        _ = entry.string("note", required: false)
        entry.finish()
        return Domain(
            id: id, title: title, isPersonal: personal, types: types, aliases: aliases, negatives: negatives,
            pattern: pattern, patternStrength: strength, checkDigit: checkDigit, units: units, codes: codes,
            dictionary: dictionary, range: range)
    }

    private static func list(_ name: String, _ folder: String) -> Set<String>? {
        guard !name.contains("/"), let bytes = try? Files.read("\(folder)/\(name).txt", limit: 1 << 24) else {
            return nil
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
        return Set(lines.map { $0.lowercased() })
    }
}
