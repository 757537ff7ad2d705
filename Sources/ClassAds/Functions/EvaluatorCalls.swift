extension Evaluator {
    mutating func evaluate(_ call: FunctionCall) throws(EvaluationFailure) -> Value {
        .error
    }
}
