/// Why a model file cannot be used, or a text cannot be read with it.
public enum ModelError: Error, Equatable, Sendable {
    /// The file holds `actual` bytes where its layout needs `expected`.
    case truncated(expected: UInt64, actual: UInt64)
    /// The file does not begin as a packed model does.
    case notAModel
    /// The file has a layout version that this build does not read.
    case unsupportedVersion(UInt32)
    /// A checksum or an inner rule of the named section does not hold.
    case damaged(section: String)
    /// A text has a run without a space that is longer than `limit` symbols.
    case wordTooLong(limit: Int)
}

extension ModelError: CustomStringConvertible {
    /// The failure and the next step, without any of the text that was being read.
    public var description: String {
        switch self {
        case .truncated(let expected, let actual):
            "the model file holds \(actual) bytes where \(expected) are needed; install the plugin's resource again"
        case .notAModel:
            "the model file is not a packed model; make it with scripts/pack-wordllama.py"
        case .unsupportedVersion(let version):
            "the model file has layout version \(version), this plugin reads version 1; install a matching pair"
        case .damaged(let section):
            "the model file is damaged in its section '\(section)'; install the plugin's resource again"
        case .wordTooLong(let limit):
            "a text has a run without a space of more than \(limit) symbols; split it before the call"
        }
    }
}
