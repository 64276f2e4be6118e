/// Reads one source and emits its tables as batches.
///
/// Calls to one instance are serial; only `cancel` may come from another thread at any time.
public protocol Connector: AnyObject {
    /// `config` is a JSON object, possibly empty.
    init(config: JSONObject, host: Host) throws(PluginFailure)

    /// The tables that the source holds; a file with one table names it "".
    func inventory() throws(PluginFailure) -> [String]

    /// The columns of a table without the reserved ones, and what was found out about the source (an object).
    func schema(table: String) throws(PluginFailure) -> (fields: [ArrowField], details: JSONValue)

    /// At most `parts` disjoint parts that together are the table.
    func split(table: String, parts: Int) throws(PluginFailure) -> [ConnectorSplit]

    /// Stream a table or a part of it, in source order; the stream outlives the call.
    func scan(_ request: ScanRequest) throws(PluginFailure) -> ArrowStream

    /// Ask the running call to return soon; any thread, must not block. `Host.isCancelled` tells the same.
    func cancel()
}

extension Connector {
    public func cancel() {}
}

/// One part of a table.
public struct ConnectorSplit: Equatable, Sendable {
    public var id: String
    /// How many bytes of the source it covers; nil when unknown.
    public var hintBytes: UInt64?

    public init(id: String, hintBytes: UInt64? = nil) {
        self.id = id
        self.hintBytes = hintBytes
    }
}

/// What a scan is asked for.
public struct ScanRequest: Equatable, Sendable {
    public var table: String
    /// A part's id, or nil for the whole table.
    public var split: String?
    /// The source columns wanted, in the order wanted; nil for all.
    public var columns: [String]?
    /// Rows that a batch may hold at most, 1 … 1,048,576.
    public var batchRows: Int
    /// Rows to leave out at the beginning.
    public var skipRows: UInt64

    public init(
        table: String = "", split: String? = nil, columns: [String]? = nil, batchRows: Int = 16384, skipRows: UInt64 = 0
    ) {
        self.table = table
        self.split = split
        self.columns = columns
        self.batchRows = batchRows
        self.skipRows = skipRows
    }

    /// Read `request_json`; keys of newer hosts are ignored.
    public init(_ json: JSONValue) throws(PluginFailure) {
        self.init()
        guard let object = json.object else { throw ScanRequest.bad("the request") }
        if let value = object["table"], !value.isNull {
            guard let name = value.string else { throw ScanRequest.bad("/table") }
            table = name
        }
        if let value = object["split"], !value.isNull {
            guard let id = value.string else { throw ScanRequest.bad("/split") }
            split = id
        }
        if let value = object["columns"], !value.isNull {
            guard let values = value.array else { throw ScanRequest.bad("/columns") }
            var names: [String] = []
            for value in values {
                guard let name = value.string else { throw ScanRequest.bad("/columns") }
                names.append(name)
            }
            columns = names
        }
        if let value = object["batch_rows"], !value.isNull {
            guard let rows = value.int, rows >= 1 else { throw ScanRequest.bad("/batch_rows") }
            batchRows = Int(min(rows, 1_048_576))
        }
        if let value = object["skip_rows"], !value.isNull {
            guard let rows = value.int, rows >= 0 else { throw ScanRequest.bad("/skip_rows") }
            skipRows = UInt64(rows)
        }
    }

    private static func bad(_ where: String) -> PluginFailure {
        PluginFailure(message: "The scan request is malformed at \(`where`).")
    }
}
