public import Foundations

/// What a plugin declares about itself for the suite: sources to read, and rules that it cannot keep, each with a reason.
///
/// Strict JSON in `conformance/ID.json` beside the manifest; other files that it names lie in the same folder:
/// `{"quirks_version":1,"config":{…},"sources":{NAME:SOURCE,…},"declined":{CHECK_ID:REASON,…}}`. A declined check is
/// Skipped with that reason in the report: never silent.
public struct Quirks: Sendable {
    /// Handed to `create`; an object.
    public let config: JSON
    /// Check ids with the reason why they do not apply.
    public let declined: [String: String]
    /// The whole document, for the sources that connector checks read.
    public let document: JSON
    /// The folder of the document; nil without one.
    public let folder: String?
    /// SHA-256 of the document's bytes, for the report; nil without one.
    public let hash: SHA256.Digest?

    /// No quirks.
    public static let none = Quirks(config: [:], declined: [:], document: [:], folder: nil, hash: nil)
}
