public import Columnar
public import Foundations

extension Plan {
    /// Type-checks the plan against the columns that it will read, and returns the type of the target.
    ///
    /// - Throws: `SluiceError` of kind `dsl.rejected` with the JSON pointer and the nearest allowed form.
    public func check(inputs: Schema) throws(SluiceError) -> ColumnType {
        let types = try self.types(inputs: inputs)
        guard let type = types[result] else {
            throw unknownColumn(result, at: "/result", inputs: inputs)
        }
        return type
    }

    /// The type of every input column that is used and of every step.
    func types(inputs: Schema) throws(SluiceError) -> [String: ColumnType] {
        var types: [String: ColumnType] = [:]
        if steps.isEmpty, let place = inputs.index(of: result) { types[result] = inputs.fields[place].type }
        for (place, step) in steps.enumerated() {
            let pointer = "/steps/\(place)"
            var taken: [ColumnType] = []
            for (input, name) in step.names.enumerated() {
                if let type = types[name] {
                    taken.append(type)
                } else if let place = inputs.index(of: name) {
                    types[name] = inputs.fields[place].type
                    taken.append(inputs.fields[place].type)
                } else {
                    throw unknownColumn(name, at: "\(pointer)/in/\(input)", inputs: inputs)
                }
            }
            guard inputs.index(of: step.name) == nil else {
                throw Rejection.error(
                    target, pointer + "/as", "\(Rejection.quoted(step.name)) is the name of an input column",
                    allowed: "Give the step a name that no column has.")
            }
            types[step.name] = try type(of: step.operation, taking: taken, at: pointer)
        }
        return types
    }

    private func unknownColumn(_ name: String, at pointer: String, inputs: Schema) -> SluiceError {
        Rejection.error(
            target, pointer, "there is no step and no input column \(Rejection.quoted(name))",
            allowed: Rejection.nearest(name, of: inputs.fields.map(\.name)))
    }

    private func type(
        of operation: Operation, taking types: [ColumnType], at pointer: String
    ) throws(SluiceError) -> ColumnType {
        switch operation {
        case .typeCast(let cast):
            let to = cast.type
            let from = types[0]
            let allowed = Self.casts(from: from)
            guard allowed.contains(to) else {
                throw Rejection.error(
                    target, pointer + "/to", "there is no cast from \(from.name) to \(to.name)",
                    allowed: allowed.isEmpty
                        ? "A column of type \(from.name) can only be copied."
                        : "Allowed from \(from.name): \(allowed.map(\.name).joined(separator: ", ")).")
            }
            return to
        default:
            for (place, type) in types.enumerated() where type != .text {
                throw Rejection.error(
                    target, "\(pointer)/in/\(place)", "\(operation.name) takes text, and this is \(type.name)",
                    allowed: type == .binary
                        ? "A column of type binary can only be copied."
                        : #"Cast it first: {"op":"type_cast","in":[…],"to":"text","as":…}."#)
            }
            if case .dateParse(let parsing) = operation { return parsing.type }
            return .text
        }
    }

    /// What a type may be cast to. A cast to the same type copies.
    static func casts(from type: ColumnType) -> [ColumnType] {
        switch type {
        case .text: Operation.types
        case .int64: [.text, .int64, .float64]
        case .float64, .bool, .date, .timestamp: [.text, type]
        case .binary, .decimal: []
        }
    }
}
