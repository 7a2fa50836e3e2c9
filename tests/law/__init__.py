"""The contract as law: scenarios in the documents' words, properties, and the naive evaluator that both are held
against.
"""
