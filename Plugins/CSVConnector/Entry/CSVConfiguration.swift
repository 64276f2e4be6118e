internal import CSVCore
internal import SluiceSDK

/// The connector's configuration: {"delimiter","quote","encoding","header","table"}, all optional, null as if absent.
///
/// An unknown key is refused, so that a misspelt one does not pass for a wish that was heard.
struct CSVConfiguration {
    let options: CSVOptions
    /// The table's name, "" unless configured.
    let table: String

    init(_ config: JSONObject) throws(PluginFailure) {
        var options = CSVOptions()
        var table = ""
        for member in config.members where !member.value.isNull {
            switch member.key {
            case "delimiter": options.delimiter = .some(try CSVConfiguration.mark(member))
            case "quote": options.quote = .some(try CSVConfiguration.mark(member))
            case "encoding":
                guard let name = member.value.string, let encoding = SourceEncoding(rawValue: name) else {
                    let names = SourceEncoding.allCases.map(\.rawValue).joined(separator: ", ")
                    throw PluginFailure(message: "config: /encoding is not one of \(names).")
                }
                options.encoding = encoding
            case "header":
                guard let value = member.value.bool else {
                    throw PluginFailure(message: "config: /header is neither true nor false.")
                }
                options.hasHeader = value
            case "table":
                guard let name = member.value.string else { throw PluginFailure(message: "config: /table is no text.") }
                table = name
            default:
                throw PluginFailure(
                    message: "config: unknown key; known are delimiter, quote, encoding, header, table.")
            }
        }
        self.options = options
        self.table = table
    }

    /// One ASCII character that may stand between cells or around them; "" for none.
    private static func mark(_ member: JSONObject.Member) throws(PluginFailure) -> UInt8? {
        let bytes = member.value.string.map { Array($0.utf8) }
        if bytes == [] { return nil }
        guard let bytes, bytes.count == 1, bytes[0] < 0x80, bytes[0] != 0x0A, bytes[0] != 0x0D, bytes[0] != 0 else {
            throw PluginFailure(message: "config: /\(member.key) is not one ASCII character or \"\".")
        }
        return bytes[0]
    }
}
