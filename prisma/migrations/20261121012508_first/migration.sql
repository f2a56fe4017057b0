-- CreateTable
CREATE TABLE "MetricSeries" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "cluster" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "subject" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "MetricPoint" (
    "seriesId" INTEGER NOT NULL,
    "stepMs" INTEGER NOT NULL,
    "atMs" BIGINT NOT NULL,
    "mean" REAL NOT NULL,
    "highest" REAL NOT NULL,
    "samples" INTEGER NOT NULL,

    PRIMARY KEY ("seriesId", "stepMs", "atMs"),
    CONSTRAINT "MetricPoint_seriesId_fkey" FOREIGN KEY ("seriesId") REFERENCES "MetricSeries" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "cluster" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "who" TEXT NOT NULL,
    "sourceIp" TEXT,
    "action" TEXT NOT NULL,
    "resourceType" TEXT NOT NULL,
    "resourceName" TEXT NOT NULL,
    "before" TEXT NOT NULL,
    "after" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "error" TEXT
);

-- CreateTable
CREATE TABLE "SavedView" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "cluster" TEXT NOT NULL,
    "page" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdAtMs" BIGINT NOT NULL
);

-- CreateIndex
CREATE UNIQUE INDEX "MetricSeries_cluster_name_subject_key" ON "MetricSeries"("cluster", "name", "subject");

-- CreateIndex
CREATE INDEX "MetricPoint_stepMs_atMs_idx" ON "MetricPoint"("stepMs", "atMs");

-- CreateIndex
CREATE INDEX "AuditEntry_cluster_atMs_idx" ON "AuditEntry"("cluster", "atMs");

-- CreateIndex
CREATE INDEX "AuditEntry_cluster_resourceType_resourceName_atMs_idx" ON "AuditEntry"("cluster", "resourceType", "resourceName", "atMs");

-- CreateIndex
CREATE UNIQUE INDEX "SavedView_cluster_page_name_key" ON "SavedView"("cluster", "page", "name");
