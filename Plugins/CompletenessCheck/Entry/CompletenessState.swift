internal import CompletenessCore
internal import SluiceSDK

/// A tally as JSON, for `merge` in another process: {"version":1,"rows":N,"columns":[{"id","nulls","ordinals"}]}.
enum CompletenessState {
    private static let version: Int64 = 1

    static func write(_ tally: NullTally) -> [UInt8] {
        let columns = tally.columns.map { column in
            [
                "id": .string(column.id), "nulls": .int(Int64(clamping: column.nulls)),
                "ordinals": .array(column.ordinals.map { .int($0) }),
            ] as JSONValue
        }
        let document: JSONValue = [
            "version": .int(version), "rows": .int(Int64(clamping: tally.rows)), "columns": .array(columns),
        ]
        return document.encoded()
    }

    static func read(_ bytes: UnsafeRawBufferPointer) throws(PluginFailure) -> NullTally {
        let broken = PluginFailure(message: "The state was not written by this version of the completeness check.")
        let document = try JSONValue(parsing: bytes)
        guard document["version"]?.int == version, let rows = document["rows"]?.int.flatMap({ UInt64(exactly: $0) }),
            let entries = document["columns"]?.array
        else { throw broken }
        var columns: [(id: String, nulls: UInt64, ordinals: [Int64])] = []
        for entry in entries {
            guard let id = entry["id"]?.string, let nulls = entry["nulls"]?.int.flatMap({ UInt64(exactly: $0) }),
                let list = entry["ordinals"]?.array
            else { throw broken }
            let ordinals = list.compactMap(\.int)
            guard ordinals.count == list.count else { throw broken }
            columns.append((id, nulls, ordinals))
        }
        guard let tally = NullTally(rows: rows, columns: columns) else { throw broken }
        return tally
    }
}
